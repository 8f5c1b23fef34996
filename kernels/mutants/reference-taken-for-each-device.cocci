// breaks: Every device of a node takes a reference to its type, but only the last to go drops one.
// noticed: After two devices on one node have come and gone, the type outlives the module: kmemleak.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// config: debug
// likely: faults/kmem-leaks-nothing.ts

@@
expression node;
symbol memtype;
@@
- if (!node_memory_types[node].map_count++)
+ node_memory_types[node].map_count++;
  kref_get(&memtype->kref);
