// breaks: A probe that fails after it has typed the node leaves the type there, as the review of version 13 says.
// noticed: Memory that comes to the node later is kmem’s: a DIMM lands in memory_tier22. Seen when an allocation or
//   the adding of memory fails.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: errors/memory-that-cannot-be-added-leaves-no-type.ts

@@
@@
  dev_dax_kmem_probe(...)
  {
  <...
- clear_node_memory_type(...);
  ...>
  }
