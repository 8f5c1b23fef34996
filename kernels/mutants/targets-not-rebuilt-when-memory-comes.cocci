// breaks: The first memory of a node gives it a tier, but no demotion targets are built.
// noticed: No line of targets in the log; nothing is demoted.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts, demotion/reclaim-demotes-what-was-asked-for.ts

@@
symbol memtier;
@@
  memtier_hotplug_callback(...)
  {
  <...
- if (!IS_ERR(memtier)) establish_demotion_targets();
  ...>
  }
