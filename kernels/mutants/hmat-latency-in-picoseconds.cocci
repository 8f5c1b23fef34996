// breaks: Latencies of HMAT’s revision 2 are kept in picoseconds.
// noticed: read_latency and write_latency in a node’s access folders are 1000 times too large; distances are
//   ratios, and wrong only where two latencies together overflow 32 bits.
// files: drivers/acpi/numa/hmat.c
// kernels: 6.1, 6.12, 7
// likely: hmat/a-latency-too-large-for-hmat-is-none.ts, hmat/a-node-s-files-say-what-hmat-says.ts

@@
symbol value;
@@
- value = DIV_ROUND_UP(value, 1000);
