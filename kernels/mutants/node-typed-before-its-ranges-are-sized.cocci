// breaks: The node is typed before it is known whether the device holds a whole block, as in version 13 of the
//   series.
// noticed: A device that is too small is refused and leaves its type: a DIMM lands in memory_tier22.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: errors/a-dimm-lands-in-the-dram-tier-after-a-device-was-refused.ts

@@
symbol numa_node, dax_slowmem_type;
@@
  if (numa_node < 0) { ... }
+ init_node_memory_type(numa_node, dax_slowmem_type);
  ... when any
- init_node_memory_type(numa_node, dax_slowmem_type);

@@
symbol numa_node, mtype;
@@
  if (IS_ERR(mtype)) return PTR_ERR(mtype);
+ init_node_memory_type(numa_node, mtype);
  ... when any
- init_node_memory_type(numa_node, mtype);
