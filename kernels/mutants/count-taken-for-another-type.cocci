// breaks: A device or an onlining is counted even when the node has another type than its own.
// noticed: The first memory of a kmem node counts for DRAM, too: the type of the node outlives its device, and a
//   DIMM lands in memory_tier22.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: hotplug/a-dimm-lands-in-the-dram-tier-once-kmem-has-gone.ts

@@
expression node;
symbol memtype;
@@
  __init_node_memory_type(...)
  {
  ...
- if (node_memory_types[node].memtype == memtype)
  {
  ...
  }
  }
