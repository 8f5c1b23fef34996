// breaks: Whoever comes last types a node, even if it has a type.
// noticed: The first memory of a node that kmem has typed makes it DRAM: memory_tier4 instead of 22.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts

@@
expression node;
symbol memtype;
@@
- if (!node_memory_types[node].memtype)
  node_memory_types[node].memtype = memtype;
