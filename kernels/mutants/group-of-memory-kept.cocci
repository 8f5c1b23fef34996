// breaks: A device that goes leaves its memory group registered.
// noticed: By nothing: see the proof.
// files: drivers/dax/kmem.c
// kernels: 6.1, 6.12, 7
// equivalent: A group is an entry of an array that no file shows and that holds what it leaks; the next device gets
//   the next number, of 2^31. Its only reader, the auto-movable policy, walks dynamic groups, and kmem’s are
//   static.

@@
@@
  dev_dax_kmem_remove(...)
  {
  <...
- memory_group_unregister(...);
  ...>
  }
