// breaks: A dax device has the node that its region’s device is near to for a target.
// noticed: kmem adds memory to node 0.
// files: drivers/dax/bus.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts

@@
symbol dev_dax, dax_region, parent;
@@
- dev_dax->target_node = dax_region->target_node;
+ dev_dax->target_node = dev_to_node(parent);
