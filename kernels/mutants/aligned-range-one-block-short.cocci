// breaks: Ranges are aligned such that the last whole block is left out.
// noticed: A block less on the node.
// files: include/linux/memory.h
// kernels: 7
// elsewhere: before 7.3 kmem aligns ranges itself
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts

@@
symbol aligned, range;
@@
  memory_block_aligned_range(...)
  {
  ...
- aligned.end = ALIGN_DOWN(range->end + 1, memory_block_size_bytes());
+ aligned.end = ALIGN_DOWN(range->end, memory_block_size_bytes());
  ...
  }
