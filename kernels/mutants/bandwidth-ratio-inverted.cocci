// breaks: The distance rises with bandwidth instead of falling.
// noticed: Memory with less bandwidth is in a tier too fast.
// files: mm/memory-tiers.c
// kernels: 6.12, 7
// elsewhere: 6.1 asks nobody for an abstract distance
// likely: hmat/hmat-orders-three-kinds-of-memory.ts

@@
expression adist, dram, latency, latency0, bandwidth0, bandwidth;
@@
  mt_perf_to_adistance(...)
  {
  <...
- *adist = dram * latency / latency0 * bandwidth0 / bandwidth;
+ *adist = dram * latency / latency0 * bandwidth / bandwidth0;
  ...>
  }
