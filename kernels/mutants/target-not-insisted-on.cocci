// breaks: The first try of a demotion may take memory of any node, not the target’s alone.
// noticed: When the target is full, pages go back to the node that they come from.
// files: mm/vmscan.c
// kernels: 6.1, 6.12, 7
// likely: demotion/what-does-not-fit-on-the-target-goes-to-the-fallback.ts

@@
expression mask;
@@
- mask |= __GFP_THISNODE;
