// breaks: The first distance of a chunk belongs to the tier before it.
// noticed: Memory that HMAT puts exactly on a multiple of 128 is one tier too fast: 4608 in memory_tier35.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: hmat/sockets-that-differ-by-a-tenth-may-lie-in-two-tiers.ts
// equivalent on 6.1: 6.1 has two distances, 576 and 2880; neither is a multiple of 128, so that one less is in the
//   same chunk.

@@
identifier adistance, size;
@@
- adistance = round_down(adistance, size);
+ adistance = round_down(adistance - 1, size);
