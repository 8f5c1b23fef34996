// breaks: A device that goes gives back a count even when the node has another type than its own.
// noticed: On 6.1 kmem’s removal clears the type of a DIMM’s node. Since 6.7 removal does that anyhow, and what is
//   left is the error path of the probe.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: hotplug/a-dimm-that-typed-its-node-outlives-kmem-there.ts,
//   errors/a-probe-that-fails-gives-back-no-count-of-another-type.ts

@@
symbol node, memtype;
@@
(
- if (node_memory_types[node].memtype == memtype)
  node_memory_types[node].map_count--;
|
- if (node_memory_types[node].memtype == memtype || !memtype)
  node_memory_types[node].map_count--;
)
