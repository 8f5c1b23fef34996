// breaks: Targets are looked for among all other nodes with memory, not among those of the next tier.
// noticed: A node of the same tier that is nearer than the next tier is preferred.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: demotion/pages-go-down-all-tiers-in-the-end.ts, demotion/the-other-socket-is-no-target-however-near.ts

@@
symbol tier_nodes, node;
@@
- nodes_andnot(tier_nodes, node_states[N_MEMORY], tier_nodes);
+ tier_nodes = nodemask_of_node(node);
