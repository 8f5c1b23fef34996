// breaks: A node counts as without memory when any of its blocks goes offline.
// noticed: Tier and has_memory go with the first block instead of the last.
// files: mm/memory_hotplug.c
// kernels: 6.1, 6.12, 7
// likely: kmem/the-tier-lives-from-the-first-block-to-the-last.ts

@@
symbol nr_pages, present_pages, arg, status_change_nid, zone;
@@
- if (nr_pages >= present_pages)
  arg->status_change_nid = zone_to_nid(zone);

@@
symbol nr_pages, pgdat, node_present_pages;
@@
- nr_pages >= pgdat->node_present_pages
+ nr_pages > 0
