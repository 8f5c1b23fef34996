// breaks: A tier whose last type has left is not removed.
// noticed: An empty memory_tier22 with a blank nodelist is left, and DRAM demotes to it: the list has a tier behind
//   it.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/the-tier-lives-from-the-first-block-to-the-last.ts

@@
symbol memtier, memory_types;
@@
- if (list_empty(&memtier->memory_types)) destroy_memory_tier(memtier);
