// breaks: kmem adds memory to the node that its device is near to, instead of that of the memory.
// noticed: Blocks and tier of node 0 instead of node 1.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts

@@
symbol numa_node, dev_dax, dev;
@@
- numa_node = dev_dax->target_node;
+ numa_node = dev_to_node(dev);
