// breaks: It is not noted which tiers have CPUs, so that no tier is the top.
// noticed: Pages are promoted from one DRAM node to another.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: demotion/memory-in-the-top-tier-is-not-promoted.ts

@@
symbol top_tier_adistance;
expression E;
@@
- top_tier_adistance = E;
