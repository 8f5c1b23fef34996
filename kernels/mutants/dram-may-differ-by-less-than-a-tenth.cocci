// breaks: DRAM nodes that differ by exactly a tenth mismatch.
// noticed: Sockets that differ by a tenth silence HMAT.
// files: mm/memory-tiers.c
// kernels: 6.12, 7
// elsewhere: 6.1 asks nobody for an abstract distance
// likely: hmat/sockets-that-differ-by-a-tenth-may-lie-in-two-tiers.ts

@@
expression E, F;
@@
  mt_set_default_dram_perf(...)
  {
  <...
- abs(E) * 10 > F
+ abs(E) * 10 >= F
  ...>
  }
