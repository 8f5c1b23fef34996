// breaks: Memory whose bandwidth is not known gets a distance.
// noticed: A division by zero at boot.
// files: mm/memory-tiers.c
// kernels: 6.12, 7
// elsewhere: 6.1 asks nobody for an abstract distance
// likely: hmat/what-hmat-leaves-out-has-the-default-distance.ts

@@
expression perf;
@@
  mt_perf_to_adistance(...)
  {
  <...
- perf->read_latency + perf->write_latency == 0 || perf->read_bandwidth + perf->write_bandwidth == 0
+ perf->read_latency + perf->write_latency == 0
  ...>
  }
