// breaks: The initcall builds no demotion targets, and does not say which tiers are the top.
// noticed: No line of targets at boot; DRAM does not count as top tier, so that pages are promoted within it.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// likely: boot/memory-at-boot-is-in-the-dram-tier.ts, demotion/memory-in-the-top-tier-is-not-promoted.ts

@@
identifier init =~ "^memory_tier_(late_)?init$";
@@
  init(...)
  {
  <...
- establish_demotion_targets();
  ...>
  }
