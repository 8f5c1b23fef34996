// breaks: An entry that overflows 32 bits is taken for what is left of it.
// noticed: A latency of 5 ms is one of 0.7 ms: memory that has no answer gets one.
// files: drivers/acpi/numa/hmat.c
// kernels: 6.1, 6.12, 7
// likely: hmat/a-latency-too-large-for-hmat-is-none.ts, hmat/a-node-s-files-say-what-hmat-says.ts

@@
symbol base, entry;
@@
  if (entry == 0xffff || !entry) return 0;
- else if (base > (UINT_MAX / (entry))) return 0;
