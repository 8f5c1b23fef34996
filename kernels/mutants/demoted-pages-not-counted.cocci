// breaks: Pages that were demoted are not counted.
// noticed: pgdemote_* stay as they are.
// files: mm/vmscan.c
// kernels: 6.1, 6.12, 7
// likely: demotion/reclaim-demotes-what-was-asked-for.ts

@@
symbol stat, nr_demoted, nr_succeeded;
@@
(
- if (current_is_kswapd()) __count_vm_events(PGDEMOTE_KSWAPD, nr_succeeded);
- else __count_vm_events(PGDEMOTE_DIRECT, nr_succeeded);
|
- stat->nr_demoted += nr_demoted;
)
