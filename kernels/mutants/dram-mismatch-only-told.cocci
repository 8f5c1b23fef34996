// breaks: DRAM nodes that mismatch are complained about, but nothing follows.
// noticed: Sockets that differ by more than a tenth are in different tiers, and HMAT answers.
// files: mm/memory-tiers.c
// kernels: 6.12, 7
// elsewhere: 6.1 asks nobody for an abstract distance
// likely: hmat/sockets-that-differ-by-more-than-a-tenth-silence-hmat.ts

@@
symbol default_dram_perf_error;
@@
- default_dram_perf_error = true;
- return -EINVAL;
