// breaks: A tier starts at the distance of the type that made it, so that another distance of the chunk makes
//   another tier of the same name.
// noticed: device_register() of the second complains about a duplicate name, and its node is in no tier.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: hmat/two-kinds-of-memory-in-one-chunk-share-a-tier.ts
// equivalent on 6.1: 6.1 has two distances, 576 and 2880, in different chunks, each of one type; the number of a
//   tier is its start shifted, 4 and 22 as before, and top_tier_adistance is 127 more than 576, still less than
//   2880.

@@
identifier adistance, size;
@@
- adistance = round_down(adistance, size);

@@
identifier size;
@@
- unsigned int size = MEMTIER_CHUNK_SIZE;
