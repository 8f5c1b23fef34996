// breaks: The end of a range is not rounded down to a memory block.
// noticed: Memory hotplug refuses a range that ends within a block.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12
// elsewhere: 7.3 aligns in include/linux/memory.h
// likely: dax/what-lies-outside-of-whole-blocks-is-lost.ts

@@
symbol r, range;
@@
- r->end = ALIGN_DOWN(range->end + 1, memory_block_size_bytes()) - 1;
+ r->end = range->end;
