// breaks: Every node of the next tier is preferred, however far.
// noticed: Longer lists of preferred targets; pages of a socket land on the pmem of the other.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/pmem-nodes-of-one-type-share-a-tier.ts, demotion/pages-of-each-socket-go-to-its-own-pmem.ts

@@
symbol distance, best_distance;
@@
- distance == best_distance || best_distance == -1
+ distance > 0
