// breaks: A device is refused when any of its ranges is too small to hold a block.
// noticed: A device with one such range is not bound.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: dax/a-range-too-small-to-hold-a-block-is-left-out.ts

@@
expression a, b, c, d;
@@
  dev_info(a, "mapping%d: %#llx-%#llx too small after alignment\n", b, c, d);
- continue;
+ return rc;
