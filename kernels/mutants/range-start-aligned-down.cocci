// breaks: The start of a range is rounded down to a memory block, instead of up.
// noticed: A block more, that is not the device’s own.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12
// elsewhere: 7.3 aligns in include/linux/memory.h
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts

@@
symbol r, range;
@@
- r->start = ALIGN(range->start, memory_block_size_bytes());
+ r->start = ALIGN_DOWN(range->start, memory_block_size_bytes());
