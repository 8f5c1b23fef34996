// breaks: The node is typed at the end of the probe, after its memory has been added.
// noticed: Memory that comes online by policy within the probe is typed as DRAM.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: lifecycle/memory-that-comes-online-by-policy-finds-its-node-typed.ts

@@
expression type;
symbol numa_node;
@@
  dev_dax_kmem_probe(...)
  {
  <...
- init_node_memory_type(numa_node, type);
  ...
+ init_node_memory_type(numa_node, type);
  return 0;
  ...>
  }
