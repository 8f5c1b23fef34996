// breaks: A second device of one type on a node is not counted.
// noticed: The first to go clears the type; when the last block goes offline there is no type to leave, and the
//   kernel oopses.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/two-devices-on-one-node-share-its-type-until-the-last-goes.ts

@@
expression node;
symbol memtype;
@@
- if (!node_memory_types[node].map_count++)
+ if (!node_memory_types[node].map_count && (node_memory_types[node].map_count = 1))
  kref_get(&memtype->kref);
