// breaks: Nothing happens when a node gets its first memory.
// noticed: Memory that is added after boot is in no tier.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts

@@
symbol memtier;
expression node;
@@
  memtier_hotplug_callback(...)
  {
  <...
- memtier = set_node_memory_tier(node);
+ memtier = ERR_PTR(-EINVAL);
  ...>
  }
