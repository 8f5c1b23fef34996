// breaks: kmem keeps its default distance although HMAT has an answer.
// noticed: memory_tier22 instead of the tier that HMAT gives.
// files: drivers/dax/kmem.c
// kernels: 6.12, 7
// elsewhere: 6.1 asks nobody for an abstract distance
// likely: hmat/hmat-orders-three-kinds-of-memory.ts

@@
expression node, adist;
@@
- mt_calc_adistance(node, adist);
