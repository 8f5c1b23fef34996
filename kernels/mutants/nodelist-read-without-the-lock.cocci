// breaks: nodelist_show() does not take memory_tier_lock.
// noticed: By nothing that can be ordered: a reader beside a writer could walk a list that is being changed.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// equivalent: The lists of types and their nodes change within a write to a sysfs file of memory or of a driver,
//   which returns when the change is done; nodelist is read between steps, so that lock and no lock see the same
//   lists.

@@
expression lock;
@@
  nodelist_show(...)
  {
  <...
(
- mutex_lock(lock);
|
- mutex_unlock(lock);
)
  ...>
  }
