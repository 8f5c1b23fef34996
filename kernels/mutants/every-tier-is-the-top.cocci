// breaks: Every node counts as top tier.
// noticed: Nothing is promoted.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: demotion/memory-that-is-used-is-promoted.ts

@@
identifier toptier;
@@
- toptier = false;
+ toptier = true;
