// breaks: The module does not note that memory has outlived its device, and frees the name that the memory has in
//   /proc/iomem.
// noticed: After kmem is unloaded, /proc/iomem has freed memory for a name.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: lifecycle/memory-that-outlives-kmem-keeps-its-name.ts

@@
symbol any_hotremove_failed, dev;
@@
  dev_dax_kmem_remove(...)
  {
  ... when any
  struct device *dev = ...;
  <...
- any_hotremove_failed = true;
  ...>
  }
