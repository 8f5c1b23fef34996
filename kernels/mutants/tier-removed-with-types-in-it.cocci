// breaks: A tier is removed when any of its types leaves.
// noticed: Two types in one tier, of a module that was loaded twice or of two distances in one chunk: the offlining
//   of one takes the tier of the other.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: lifecycle/types-of-a-module-that-was-loaded-twice-share-a-tier.ts,
//   hmat/two-kinds-of-memory-in-one-chunk-share-a-tier.ts

@@
symbol memtier, memory_types;
@@
- if (list_empty(&memtier->memory_types))
  destroy_memory_tier(memtier);
