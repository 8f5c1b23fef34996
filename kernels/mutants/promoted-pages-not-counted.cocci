// breaks: Pages that were promoted are not counted.
// noticed: pgpromote_success stays as it is.
// files: mm/migrate.c
// kernels: 6.1, 6.12, 7
// likely: demotion/memory-that-is-used-is-promoted.ts

@@
expression where, count;
@@
(
- mod_node_page_state(where, PGPROMOTE_SUCCESS, count);
+ ;
|
- mod_lruvec_state(where, PGPROMOTE_SUCCESS, count);
+ ;
)
