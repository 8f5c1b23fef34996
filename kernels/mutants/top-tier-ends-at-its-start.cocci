// breaks: The top tier ends at the start of its chunk.
// noticed: By nothing: see the proof.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// equivalent: top_tier_adistance is compared with starts of tiers alone, which are multiples of 128: start + 127
//   and start are above or equal to the same of them.

@@
symbol top_tier_adistance, memtier, adistance_start;
@@
- top_tier_adistance = memtier->adistance_start + MEMTIER_CHUNK_SIZE - 1;
+ top_tier_adistance = memtier->adistance_start;
