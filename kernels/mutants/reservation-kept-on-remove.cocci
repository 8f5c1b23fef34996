// breaks: A device that goes leaves its addresses reserved.
// noticed: device_dax cannot take it: the device is busy. kmem can, within the reservation that was left.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: lifecycle/unbind-and-bind-again-gives-the-same-tier.ts

@@
symbol data, i;
identifier remove =~ "^(dev_dax_kmem_remove|dax_kmem_remove_ranges)$";
@@
  remove(...)
  {
  <...
- remove_resource(data->res[i]);
- kfree(data->res[i]);
  data->res[i] = NULL;
  ...>
  }
