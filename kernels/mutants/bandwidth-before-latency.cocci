// breaks: The ratio of bandwidths is taken first, so that another fraction is cut off.
// noticed: A distance near the end of a chunk is in the next tier.
// files: mm/memory-tiers.c
// kernels: 6.12, 7
// elsewhere: 6.1 asks nobody for an abstract distance
// likely: hmat/each-division-cuts-off-a-fraction.ts

@@
expression adist, dram, latency, latency0, bandwidth0, bandwidth;
@@
  mt_perf_to_adistance(...)
  {
  <...
- *adist = dram * latency / latency0 * bandwidth0 / bandwidth;
+ *adist = dram * bandwidth0 / bandwidth * latency / latency0;
  ...>
  }
