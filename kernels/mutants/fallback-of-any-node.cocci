// breaks: What does not fit on the target may go to any node, not to slower ones alone.
// noticed: When the target is full, pages go back to the node that they come from.
// files: mm/vmscan.c
// kernels: 6.1, 6.12, 7
// likely: demotion/what-does-not-fit-on-the-target-goes-to-the-fallback.ts

@@
symbol mtc, allowed_mask;
expression folio;
@@
(
- mtc->nmask = allowed_mask;
|
+ mtc->nmask = NULL;
  return alloc_migration_target(folio, (unsigned long)mtc);
)
