// breaks: A device may go from one online state to another without being unplugged.
// noticed: A write of online_kernel to the state of a device that is online does not say that it is busy.
// files: drivers/dax/kmem.c
// kernels: 7
// elsewhere: daxX.Y/state is of 7.3
// likely: kmem/since-7-3-a-device-is-unplugged-before-it-is-onlined-otherwise.ts

@@
symbol data;
@@
  state_store(...)
  {
  <...
- if (data->state != DAX_KMEM_UNPLUGGED) return -EBUSY;
  ...>
  }
