// breaks: The node’s pgdat is not told its tier.
// noticed: Nothing is demoted, no targets are logged, and the tier stays when the node loses its memory.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/the-tier-lives-from-the-first-block-to-the-last.ts, boot/memory-at-boot-is-in-the-dram-tier.ts

@@
symbol memtier;
expression place;
@@
- if (!IS_ERR(memtier)) rcu_assign_pointer(place, memtier);
