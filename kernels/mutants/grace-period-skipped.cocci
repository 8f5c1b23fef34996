// breaks: A tier is freed without waiting for those who read it under RCU.
// noticed: By nothing that can be ordered: KASAN could see a reader that holds the pointer while the last block
//   goes offline.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// equivalent: The readers (node_is_toptier(), node_get_allowed_targets()) ask for the node of a page or of a
//   reclaim; when the tier is freed all pages of the node have been migrated away and N_MEMORY is cleared. Only one
//   that has read the pointer before, and sleeps in its RCU section through the rest of the offlining, could see
//   freed memory; a step of a scenario begins when the one before has ended.

@@
@@
  clear_node_memory_tier(...)
  {
  <...
- synchronize_rcu();
  ...>
  }
