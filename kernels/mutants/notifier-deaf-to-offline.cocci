// breaks: Nothing happens when a node loses its last memory.
// noticed: The tier stays, and its nodelist names a node without memory; no targets are rebuilt.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/the-tier-lives-from-the-first-block-to-the-last.ts

@@
expression node;
@@
  memtier_hotplug_callback(...)
  {
  <...
- if (clear_node_memory_tier(node)) establish_demotion_targets();
  ...>
  }
