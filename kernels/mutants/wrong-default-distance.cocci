// breaks: The default distance of dax memory is twice that of DRAM, 1152, instead of five times, 2880.
// noticed: memory_tier9 instead of memory_tier22 wherever kmem types a node by default.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts

@@
@@
- #define MEMTIER_DEFAULT_DAX_ADISTANCE (MEMTIER_ADISTANCE_DRAM * 5)
+ #define MEMTIER_DEFAULT_DAX_ADISTANCE	(MEMTIER_ADISTANCE_DRAM * 2)
