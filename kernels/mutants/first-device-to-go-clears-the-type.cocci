// breaks: The first device to leave a node clears its type, as in version 13 of the series.
// noticed: Two devices on one node: after the first has gone, the last block of the second goes offline into an
//   oops.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/two-devices-on-one-node-share-its-type-until-the-last-goes.ts

@@
expression node;
@@
- node_memory_types[node].map_count--;
+ node_memory_types[node].map_count = 0;
