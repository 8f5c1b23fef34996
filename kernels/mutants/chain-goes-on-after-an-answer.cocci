// breaks: HMAT’s answer does not stop the chain of algorithms.
// noticed: By nothing without CXL: see the proof.
// files: drivers/acpi/numa/hmat.c
// kernels: 6.12, 7
// elsewhere: 6.1 asks nobody for an abstract distance
// equivalent: Nobody looks at what mt_calc_adistance() returns; the answer is in *adist. What comes later in the
//   chain are CXL regions, each of which answers for its own node alone; the harness has no machine with one.

@@
@@
  hmat_calculate_adistance(...)
  {
  <...
- return NOTIFY_STOP;
+ return NOTIFY_OK;
  ...>
  }
