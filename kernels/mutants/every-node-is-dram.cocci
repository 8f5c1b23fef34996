// breaks: The first memory of a node gives it DRAM’s type, whatever the driver said.
// noticed: kmem’s memory is in memory_tier4.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts

@@
symbol memtype;
expression node;
@@
  set_node_memory_tier(...)
  {
  <...
- memtype = node_memory_types[node].memtype;
+ memtype = default_dram_type;
  ...>
  }
