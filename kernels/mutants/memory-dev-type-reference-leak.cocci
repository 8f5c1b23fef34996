// breaks: The node’s reference to its type is not dropped when the last device has gone.
// noticed: The type outlives the module: kmemleak after kmem is unloaded.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// config: debug
// likely: faults/kmem-leaks-nothing.ts

@@
symbol memtype;
@@
  clear_node_memory_type(...)
  {
  <...
(
- kref_put(&memtype->kref, release_memtype);
|
- put_memory_type(memtype);
)
  ...>
  }
