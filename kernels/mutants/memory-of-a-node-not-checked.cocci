// breaks: set_node_memory_tier() does not look whether the node has memory.
// noticed: By nothing: see the proof.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// equivalent: Both callers come with nodes that have memory: the initcall walks N_MEMORY, and online_pages() sets
//   N_MEMORY before it calls the notifiers (MEM_ONLINE, since 6.17 NODE_ADDED_FIRST_MEMORY).

@@
identifier node;
@@
- if (!node_state(node, N_MEMORY)) return ERR_PTR(-EINVAL);
