// breaks: A type that is in a tier already is said to be in the first tier of the list.
// noticed: The second node of a type counts as DRAM: it demotes to the tier that it shows in, and when it is the
//   last to go, that tier stays.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/pmem-nodes-of-one-type-share-a-tier.ts, kmem/a-tier-goes-with-the-last-of-its-nodes.ts

@@
iterator name list_for_each_entry;
symbol memtier, memory_tiers, adistance_start;
identifier adistance;
expression linked;
@@
  if (!list_empty(linked)) {
  list_for_each_entry(memtier, &memory_tiers, list) {
- if (adistance == memtier->adistance_start) return memtier;
+ return memtier;
  }
  ...
  }
