// breaks: The distance comes from access class 0, whose initiators need not have CPUs, instead of class 1.
// noticed: By nothing in these machines: see the proof.
// files: drivers/acpi/numa/hmat.c
// kernels: 6.12, 7
// elsewhere: 6.1 asks nobody for an abstract distance
// equivalent: QEMU names an initiator with CPUs for all memory that a row of the machine’s HMAT is about;
//   hmat_update_target() then gives both classes the same values. Memory without a row has no values in either.

@@
symbol target, perf;
@@
- perf = &target->coord[ACCESS_COORDINATE_CPU];
+ perf = &target->coord[ACCESS_COORDINATE_LOCAL];
