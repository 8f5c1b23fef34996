// breaks: A new tier goes to the end of the list, wherever its distance belongs.
// noticed: A tier faster than DRAM that is made after it counts as slower: DRAM demotes to it.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: hmat/memory-faster-than-dram-lies-above-it.ts
// equivalent on 6.1: The DRAM tier is made at boot and lives as long as node 0 has memory; the only other distance
//   of 6.1, 2880, is larger, so that its tier belongs to the end.

@@
symbol memtier, memory_tiers;
identifier new;
@@
- list_add_tail(&new->list, &memtier->list);
+ list_add_tail(&new->list, &memory_tiers);
