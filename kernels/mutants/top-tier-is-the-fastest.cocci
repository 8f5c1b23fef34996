// breaks: The top tier ends with the fastest tier that has CPUs, instead of the slowest.
// noticed: Where sockets lie in two tiers, pages are promoted from the slower one.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: demotion/memory-of-a-slower-socket-is-not-promoted.ts
// equivalent on 6.1: On 6.1 every boot node is in the DRAM tier, and so is every node of CPUs with memory from
//   boot; memory_tier22 is of nodes that had none, and no machine of the harness puts CPUs there.

@@
iterator name list_for_each_entry_reverse, list_for_each_entry;
symbol memtier, memory_tiers;
statement S;
@@
- list_for_each_entry_reverse(memtier, &memory_tiers, list)
+ list_for_each_entry(memtier, &memory_tiers, list)
  S
