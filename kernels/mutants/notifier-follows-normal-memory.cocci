// breaks: The callback looks at whether the node gains or loses memory of ZONE_NORMAL, not memory of any kind.
// noticed: Movable memory that is added is in no tier.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12
// elsewhere: since 6.17 the callback is of the node notifier, which knows no zones
// likely: kmem/dax-memory-lands-in-the-default-dax-tier.ts

@@
expression arg;
@@
- arg->status_change_nid
+ arg->status_change_nid_normal
