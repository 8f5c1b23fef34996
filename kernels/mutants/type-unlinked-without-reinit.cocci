// breaks: A type that leaves its tier is not made an empty list again, as in versions 14 and 15 of the series.
// noticed: When its node comes back, WARN in find_create_memory_tier(), and the node is in no tier.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/the-tier-lives-from-the-first-block-to-the-last.ts

@@
symbol memtype;
expression E;
@@
  clear_node_memory_tier(...)
  {
  <...
- list_del_init(E);
+ list_del(E);
  ...>
  }
