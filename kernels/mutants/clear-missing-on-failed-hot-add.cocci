// breaks: A probe that fails after it has typed the node leaves the type there, as the review of version 13 says.
// noticed: Memory that comes to the node later is kmem’s: a DIMM lands in memory_tier22. Seen when an allocation or
//   the adding of memory fails on a node without type, which takes fault injection.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// config: debug
// likely: faults/kmem-s-bind-survives-each-failing-allocation.ts

@@
@@
  dev_dax_kmem_probe(...)
  {
  <...
- clear_node_memory_type(...);
  ...>
  }
