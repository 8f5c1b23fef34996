// breaks: The start of a tier is its distance rounded up to a chunk, instead of down.
// noticed: memory_tier5 and memory_tier23 instead of 4 and 22.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: boot/memory-at-boot-is-in-the-dram-tier.ts

@@
identifier adistance, size;
@@
- adistance = round_down(adistance, size);
+ adistance = round_up(adistance, size);
