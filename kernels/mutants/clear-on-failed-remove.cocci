// breaks: A device whose memory could not be removed clears the type of its node all the same.
// noticed: The last block that goes offline finds no type, and the kernel oopses.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: lifecycle/unbinding-while-memory-is-online-leaves-the-memory-and-its-type.ts

@@
symbol node, dev_dax, success, nr_range;
expression type;
@@
  dev_dax_kmem_remove(...)
  {
  <...
  if (success >= dev_dax->nr_range) {
  ...
- clear_node_memory_type(node, type);
  }
+ clear_node_memory_type(node, type);
  ...>
  }

@@
symbol node, dev;
@@
  dev_err(dev, "Hotplug regions stuck online until reboot\n");
+ clear_node_memory_type(node, NULL);
