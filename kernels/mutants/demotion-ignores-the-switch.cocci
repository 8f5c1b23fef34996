// breaks: Pages are demoted although demotion_enabled is false.
// noticed: memory.reclaim moves pages that must stay.
// files: mm/vmscan.c
// kernels: 6.1, 6.12, 7
// likely: demotion/with-demotion-off-nothing-is-demoted.ts

@@
symbol numa_demotion_enabled, pgdat;
@@
(
- if (!numa_demotion_enabled) return false;
|
- if (!pgdat || !numa_demotion_enabled) return false;
+ if (!pgdat) return false;
)
