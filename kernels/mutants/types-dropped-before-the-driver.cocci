// breaks: The module drops its references to its types before its driver lets the devices go.
// noticed: By nothing that can be ordered: see the proof.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// equivalent: A node that has the type holds a reference of its own, which the removal of its last device drops;
//   the type is freed then, and is compared before. Without such a node nobody uses the type. A probe between the
//   two would see a freed type, but no step of a scenario runs beside another.

@@
expression type;
@@
  dax_kmem_exit(...)
  {
+ destroy_memory_type(type);
  dax_driver_unregister(...);
  ...
- destroy_memory_type(type);
  }

@@
@@
  dax_kmem_exit(...)
  {
+ kmem_put_memory_types();
  dax_driver_unregister(...);
  ...
- kmem_put_memory_types();
  }
