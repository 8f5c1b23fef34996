// breaks: The dax bus does not look at the flag by which a region wants kmem.
// noticed: Soft reserved memory goes to device_dax.
// files: drivers/dax/bus.c
// kernels: 6.12, 7
// elsewhere: before 6.3 regions have no such flag
// likely: dax/soft-reserved-memory-waits-for-kmem.ts

@@
identifier type;
expression flags;
@@
- if (flags & IORESOURCE_DAX_KMEM) type = DAXDRV_KMEM_TYPE;
