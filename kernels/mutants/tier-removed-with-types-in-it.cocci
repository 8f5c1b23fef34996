// breaks: A tier is removed when any of its types leaves.
// noticed: With two types in one tier, the offlining of one takes the tier of the other.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: hmat/two-kinds-of-memory-in-one-chunk-share-a-tier.ts
// equivalent on 6.1: 6.1 has two types, of 576 and 2880, which are never in one tier (a second kmem type needs the
//   module to be loaded again while a node still has the first: then the two share memory_tier22, but see no
//   scenario of 6.1 that leaves one and takes the other).

@@
symbol memtier, memory_types;
@@
- if (list_empty(&memtier->memory_types))
  destroy_memory_tier(memtier);
