// breaks: The last memory of a node takes it out of its tier, but it stays a demotion target.
// noticed: No line of targets in the log; reclaim tries to migrate to a node without memory, which pgmigrate_fail
//   counts.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/the-tier-lives-from-the-first-block-to-the-last.ts,
//   demotion/nothing-is-tried-while-the-target-is-offline.ts

@@
expression node;
@@
  memtier_hotplug_callback(...)
  {
  <...
- if (clear_node_memory_tier(node)) establish_demotion_targets();
+ clear_node_memory_tier(node);
  ...>
  }
