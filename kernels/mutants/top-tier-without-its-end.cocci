// breaks: A tier that starts where the top tier ends is not in it.
// noticed: By nothing: see the proof.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// equivalent: top_tier_adistance is a start plus 127, and starts are multiples of 128: they are never equal. Before
//   the first build of targets it is 0, and no tier starts at 0 then.

@@
symbol top_tier_adistance, memtier, adistance_start;
@@
- memtier->adistance_start <= top_tier_adistance
+ memtier->adistance_start < top_tier_adistance
