// breaks: Only the first of several targets at one distance is preferred.
// noticed: One node in the list of preferred targets; all pages go to it.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: demotion/targets-at-one-distance-are-all-preferred.ts, demotion/targets-at-one-distance-all-get-pages.ts

@@
symbol distance, best_distance;
@@
- distance == best_distance || best_distance == -1
+ best_distance == -1
