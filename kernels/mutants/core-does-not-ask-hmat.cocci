// breaks: Memory of boot and of DIMMs is DRAM although HMAT has an answer.
// noticed: All boot memory is in memory_tier4.
// files: mm/memory-tiers.c
// kernels: 6.12, 7
// elsewhere: 6.1 asks nobody for an abstract distance
// likely: hmat/hmat-orders-three-kinds-of-memory.ts

@@
expression node, adist;
@@
  set_node_memory_tier(...)
  {
  <...
- mt_calc_adistance(node, adist);
  ...>
  }
