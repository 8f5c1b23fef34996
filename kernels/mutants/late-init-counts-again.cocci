// breaks: The late initcall also visits nodes that have a type already.
// noticed: A DIMM that ACPI added before is counted twice, so that kmem on its node, which gives back a count that
//   it did not take, no longer clears its type.
// files: mm/memory-tiers.c
// kernels: 6.12, 7
// elsewhere: 6.1 has one initcall, which comes before any driver
// likely: hotplug/a-dimm-that-is-there-at-boot-is-counted-once.ts

@@
iterator name for_each_node_state;
identifier nid;
@@
  memory_tier_late_init(...)
  {
  <...
  for_each_node_state(nid, N_MEMORY) {
- if (node_memory_types[nid].memtype) continue;
  ...
  }
  ...>
  }
