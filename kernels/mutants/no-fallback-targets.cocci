// breaks: No tier has fallback targets.
// noticed: An empty fallback list; what does not fit on the target stays, and since 6.16 nothing is demoted at all.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts,
//   demotion/what-does-not-fit-on-the-target-goes-to-the-fallback.ts

@@
symbol memtier, lower_tier;
@@
- memtier->lower_tier_mask = lower_tier;
