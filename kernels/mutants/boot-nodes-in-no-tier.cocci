// breaks: The initcall gives no node a tier.
// noticed: No memory tier at boot.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: boot/memory-at-boot-is-in-the-dram-tier.ts

@@
symbol memtier;
expression nid;
identifier init =~ "^memory_tier_(late_)?init$";
@@
  init(...)
  {
  <...
- memtier = set_node_memory_tier(nid);
+ memtier = ERR_PTR(-EINVAL);
  ...>
  }
