// breaks: Every node with memory at boot counts as default DRAM, even without CPUs.
// noticed: Where HMAT says that a boot node is slower than the first, it silences itself: all boot memory is in
//   memory_tier4.
// files: mm/memory-tiers.c
// kernels: 6.12, 7
// elsewhere: 6.1 asks nobody for an abstract distance
// likely: hmat/hmat-orders-three-kinds-of-memory.ts

@@
@@
- nodes_and(default_dram_nodes, node_states[N_MEMORY], node_states[N_CPU]);
+ default_dram_nodes = node_states[N_MEMORY];
