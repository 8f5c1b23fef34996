// breaks: A table that names memory which SRAT has not is kept.
// noticed: With a node of CPUs alone, HMAT is heard.
// files: drivers/acpi/numa/hmat.c
// kernels: 6.1, 6.12, 7
// likely: hmat/a-node-of-cpus-alone-silences-hmat.ts, hmat/a-node-of-cpus-alone-leaves-no-files.ts

@@
symbol target;
@@
  hmat_parse_proximity_domain(...)
  {
  <...
  if (!target) {
  ...
- return -EINVAL;
+ return 0;
  }
  ...>
  }
