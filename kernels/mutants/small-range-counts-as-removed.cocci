// breaks: A range that was too small to add counts as removed, as it does since 7.3.
// noticed: The type of the node goes with the device: a DIMM lands in memory_tier4 where it lands in 22.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12
// elsewhere: 7.3 does not count ranges
// likely: dax/a-range-too-small-to-hold-a-block-is-left-out.ts

@@
symbol rc, success;
@@
  dev_dax_kmem_remove(...)
  {
  <...
  rc = dax_kmem_range(...);
- if (rc) continue;
+ if (rc) { success++; continue; }
  ...>
  }
