// breaks: A device none of whose ranges could be reserved is bound all the same.
// noticed: bind succeeds where it must say that the device is busy.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// likely: lifecycle/unbinding-while-memory-is-online-leaves-the-memory-and-its-type.ts

@@
symbol mapped, rc;
statement S;
@@
(
- if (mapped)
  continue;
  rc = -EBUSY;
|
- if (mapped)
  continue;
  return -EBUSY;
)
