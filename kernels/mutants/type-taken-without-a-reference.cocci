// breaks: A node that gets a type takes no reference to it.
// noticed: The removal of a device drops the driver’s reference, and the unloading of the module one that is not
//   there: refcount_t underflow.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: lifecycle/kmem-unloads-and-loads-again.ts

@@
expression node;
symbol memtype;
@@
- if (!node_memory_types[node].map_count++) kref_get(&memtype->kref);
+ node_memory_types[node].map_count++;
