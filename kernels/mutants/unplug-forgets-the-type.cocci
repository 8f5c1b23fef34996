// breaks: A device that is unplugged by its state clears the type of its node, and keeps the device bound.
// noticed: Memory that is plugged in again is typed as DRAM.
// files: drivers/dax/kmem.c
// kernels: 7
// elsewhere: daxX.Y/state is of 7.3
// likely: kmem/since-7-3-a-device-that-was-unplugged-comes-back-to-its-tier.ts

@@
symbol data, dev_dax;
@@
  state_store(...)
  {
  <...
  data->state = DAX_KMEM_UNPLUGGED;
+ clear_node_memory_type(dev_dax->target_node, NULL);
  ...>
  }
