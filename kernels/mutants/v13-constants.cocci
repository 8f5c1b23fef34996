// breaks: The abstract distance of DRAM is the first of its chunk and that of dax memory twice as much, as in
//   version 13 of the series: 512 and 1024.
// noticed: Every nodelist of a kmem node: DRAM stays in memory_tier4, dax memory is in memory_tier8, as --era v13
//   says.
// files: include/linux/memory-tiers.h, drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts

@@
constant four;
expression half;
@@
- #define MEMTIER_ADISTANCE_DRAM ((four * MEMTIER_CHUNK_SIZE) + half)
+ #define MEMTIER_ADISTANCE_DRAM	(four * MEMTIER_CHUNK_SIZE)

@@
@@
- #define MEMTIER_DEFAULT_DAX_ADISTANCE (MEMTIER_ADISTANCE_DRAM * 5)
+ #define MEMTIER_DEFAULT_DAX_ADISTANCE	(MEMTIER_ADISTANCE_DRAM * 2)
