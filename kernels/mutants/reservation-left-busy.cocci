// breaks: The reserved range stays busy, so that memory hotplug cannot add a resource in it.
// noticed: The probe fails.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts

@@
symbol res;
@@
- res->flags = IORESOURCE_SYSTEM_RAM;
