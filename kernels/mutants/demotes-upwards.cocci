// breaks: A node’s targets are those of the next faster tier.
// noticed: Dax memory demotes to DRAM and DRAM nowhere.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts, demotion/reclaim-demotes-what-was-asked-for.ts

@@
symbol memtier, memory_tiers;
@@
  establish_demotion_targets(...)
  {
  <...
(
- list_is_last(&memtier->list, &memory_tiers)
+ list_is_first(&memtier->list, &memory_tiers)
|
- list_next_entry(memtier, list)
+ list_prev_entry(memtier, list)
)
  ...>
  }
