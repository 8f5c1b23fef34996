// breaks: A device that goes leaves its node typed.
// noticed: A DIMM lands in memory_tier22 after kmem has gone.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: hotplug/a-dimm-lands-in-the-dram-tier-once-kmem-has-gone.ts

@@
@@
  dev_dax_kmem_remove(...)
  {
  <...
- clear_node_memory_type(...);
  ...>
  }
