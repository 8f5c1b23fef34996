// breaks: The distance of DRAM is an int, so that products with it have 32 bits, as before 6.17 and 6.12.43.
// noticed: Memory much slower than very fast DRAM is in memory_tier161 instead of memory_tier1800.
// files: include/linux/memory-tiers.h
// kernels: 6.12, 7
// elsewhere: 6.1 has an int, and nothing to multiply it with
// likely: hmat/a-distance-does-not-overflow.ts

@@
@@
- #define MEMTIER_ADISTANCE_DRAM ((4L * MEMTIER_CHUNK_SIZE) + (MEMTIER_CHUNK_SIZE >> 1))
+ #define MEMTIER_ADISTANCE_DRAM	((4 * MEMTIER_CHUNK_SIZE) + (MEMTIER_CHUNK_SIZE >> 1))
