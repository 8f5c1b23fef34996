// breaks: A node that loses its last memory stays in the nodes of its type.
// noticed: The tier stays, with a node that has no memory.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: kmem/the-tier-lives-from-the-first-block-to-the-last.ts

@@
symbol memtype, nodes;
expression node;
@@
- node_clear(node, memtype->nodes);
