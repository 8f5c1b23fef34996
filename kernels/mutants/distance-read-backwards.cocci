// breaks: Whether targets are at one distance is asked from the target to the node, not from the node to the
//   target.
// noticed: Where distances are not symmetric, a target is preferred that is farther off, or one is left out that is
//   as near.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: demotion/targets-are-compared-by-the-distance-to-them.ts

@@
symbol node, target;
@@
- node_distance(node, target)
+ node_distance(target, node)
