// breaks: kmem’s memory is named as boot memory is.
// noticed: Memory hotplug refuses memory of a driver without the driver’s name.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts

@@
@@
- "System RAM (kmem)"
+ "System RAM"
