// breaks: A node that gets its first memory is not added to the nodes of its type.
// noticed: Every nodelist is blank.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: boot/memory-at-boot-is-in-the-dram-tier.ts

@@
symbol memtype, nodes;
expression node;
@@
- node_set(node, memtype->nodes);
