// breaks: Tiers are kept from the largest abstract distance to the smallest, so that a larger one counts as faster.
// noticed: Nodes of dax memory demote to DRAM, and DRAM demotes nowhere: in the log of targets, and in where pages
//   go.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts, demotion/reclaim-demotes-what-was-asked-for.ts

@@
symbol memtier, adistance_start, found_slot;
identifier adistance;
@@
- adistance < memtier->adistance_start
+ adistance > memtier->adistance_start
