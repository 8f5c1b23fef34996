// breaks: The initiator that HMAT names for memory is not noted: the best of all takes its place.
// noticed: Memory behind one socket has the distance from another that is nearer.
// files: drivers/acpi/numa/hmat.c
// kernels: 6.1, 6.12, 7
// likely: hmat/the-initiator-that-hmat-names-decides.ts, hmat/the-initiator-that-hmat-names-is-in-a-node-s-files.ts

@@
symbol target, p;
@@
- target->processor_pxm = p->processor_PD;
