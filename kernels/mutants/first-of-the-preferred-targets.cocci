// breaks: Of several preferred targets the first is taken, instead of one at random.
// noticed: Of two targets at one distance one gets no page.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: demotion/targets-at-one-distance-all-get-pages.ts

@@
expression mask;
@@
- node_random(mask)
+ (nodes_empty(*(mask)) ? NUMA_NO_NODE : first_node(*(mask)))
