// breaks: A tier is named after the chunk behind its own.
// noticed: memory_tier5 and memory_tier23 instead of 4 and 22.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: boot/memory-at-boot-is-in-the-dram-tier.ts

@@
expression device, adistance;
@@
- device.id = adistance >> MEMTIER_CHUNK_BITS;
+ device.id = (adistance >> MEMTIER_CHUNK_BITS) + 1;
