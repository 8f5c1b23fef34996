// breaks: The fallback targets of a tier include its own nodes.
// noticed: Longer fallback lists; pages that do not fit on the target stay where they are.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts,
//   demotion/what-does-not-fit-on-the-target-goes-to-the-fallback.ts

@@
symbol memtier, lower_tier, tier_nodes, lower_tier_mask;
@@
+ memtier->lower_tier_mask = lower_tier;
  tier_nodes = get_memtier_nodemask(memtier);
  nodes_andnot(lower_tier, lower_tier, tier_nodes);
- memtier->lower_tier_mask = lower_tier;
