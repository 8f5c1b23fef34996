// breaks: A type leaves its tier when any of its nodes does.
// noticed: Two nodes of one type: the offlining of one removes the tier of both.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/pmem-nodes-of-one-type-share-a-tier.ts

@@
symbol memtype, nodes;
@@
- if (nodes_empty(memtype->nodes))
  {
  list_del_init(...);
  ...
  }
