// breaks: The initcall gives a tier to nodes with CPUs only.
// noticed: Boot memory without CPUs is in no tier.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: boot/memory-at-boot-is-in-the-dram-tier.ts

@@
iterator name for_each_node_state;
identifier nid;
statement S;
identifier init =~ "^memory_tier_(late_)?init$";
@@
  init(...)
  {
  <...
- for_each_node_state(nid, N_MEMORY)
+ for_each_node_state(nid, N_CPU)
  S
  ...>
  }
