// breaks: A device that goes clears the type of the node that it is near to, instead of that of its memory.
// noticed: The node of its memory stays typed: a DIMM lands in memory_tier22.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: hotplug/a-dimm-lands-in-the-dram-tier-once-kmem-has-gone.ts

@@
symbol node, dev_dax;
@@
  dev_dax_kmem_remove(...)
  {
  ...
- int node = dev_dax->target_node;
+ int node = dev_to_node(&dev_dax->dev);
  ...
  }
