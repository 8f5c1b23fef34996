// breaks: A chunk is 256 abstract distances wide instead of 128, and so is everything that is given in chunks.
// noticed: Where HMAT gives distances: what the inner division of mt_perf_to_adistance() cuts off is half as much
//   of a chunk.
// files: include/linux/memory-tiers.h
// kernels: 6.1, 6.12, 7
// likely: hmat/each-division-cuts-off-a-fraction.ts
// equivalent on 6.1: DRAM is 4.5 chunks and dax memory 5 × 4.5 = 22.5 chunks, whatever a chunk is; 6.1 has no other
//   distances, and a tier is named by the number of its chunk: 4 and 22.

@@
@@
- #define MEMTIER_CHUNK_BITS 7
+ #define MEMTIER_CHUNK_BITS	8
