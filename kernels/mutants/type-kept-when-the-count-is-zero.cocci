// breaks: The last device to go leaves the type of its node where it is.
// noticed: Memory that comes to the node later is of the type of the device that has gone: a DIMM in memory_tier22.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: hotplug/a-dimm-lands-in-the-dram-tier-once-kmem-has-gone.ts

@@
expression node;
@@
- node_memory_types[node].memtype = NULL;
