// breaks: Default DRAM is a reference even when HMAT leaves out its latency or bandwidth.
// noticed: Other memory is compared with a bandwidth of 0: it is in memory_tier0.
// files: mm/memory-tiers.c
// kernels: 6.12, 7
// elsewhere: 6.1 asks nobody for an abstract distance
// likely: hmat/dram-that-hmat-leaves-out-silences-it.ts

@@
expression perf;
@@
  mt_set_default_dram_perf(...)
  {
  ...
- if (perf->read_latency + perf->write_latency == 0 || perf->read_bandwidth + perf->write_bandwidth == 0) return -EINVAL;
  ...
  }
