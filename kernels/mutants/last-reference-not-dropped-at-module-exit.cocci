// breaks: The module does not drop its own reference to its types, as the review of version 13 says.
// noticed: The types outlive the module: kmemleak.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// config: debug
// likely: faults/kmem-leaks-nothing.ts

@@
@@
  dax_kmem_exit(...)
  {
  <...
(
- destroy_memory_type(...);
|
- kmem_put_memory_types();
)
  ...>
  }
