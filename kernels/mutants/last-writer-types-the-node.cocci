// breaks: Whoever comes last types a node, even if it has a type.
// noticed: A DIMM on a node of kmem’s gives it DRAM’s type while its bit is in the other: at the latest when the
//   node goes offline its tier stays.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts,
//   hotplug/a-dimm-joins-the-tier-of-kmem-memory-that-came-first.ts

@@
expression node;
symbol memtype;
@@
- if (!node_memory_types[node].memtype)
  node_memory_types[node].memtype = memtype;
