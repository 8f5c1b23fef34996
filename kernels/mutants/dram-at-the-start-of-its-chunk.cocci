// breaks: DRAM is not offset by half a chunk: memory that is a little faster is no longer in its tier, and five
//   times 512 is another tier than five times 576.
// noticed: memory_tier20 instead of memory_tier22; with HMAT, other tiers for most ratios.
// files: include/linux/memory-tiers.h
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts

@@
constant four;
expression half;
@@
- #define MEMTIER_ADISTANCE_DRAM ((four * MEMTIER_CHUNK_SIZE) + half)
+ #define MEMTIER_ADISTANCE_DRAM	(four * MEMTIER_CHUNK_SIZE)
