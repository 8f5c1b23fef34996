// breaks: The module drops its reference to its type twice.
// noticed: refcount_t underflow when kmem is unloaded.
// files: drivers/dax/kmem.c
// kernels: 6.1
// elsewhere: since 6.10 the module empties a list, and the second time it is empty
// likely: lifecycle/kmem-unloads-and-loads-again.ts

@@
expression type;
@@
  dax_kmem_exit(...)
  {
  <...
  destroy_memory_type(type);
+ destroy_memory_type(type);
  ...>
  }
