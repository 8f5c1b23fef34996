// breaks: Demotion looks at the targets alone, not at what the group’s cpuset allows.
// noticed: Pages go to a node that their group may not use.
// files: mm/vmscan.c
// kernels: 7
// elsewhere: 6.1 and 6.12 look at no cpuset
// likely: demotion/since-7-0-demotion-keeps-to-the-group-s-cpuset.ts,
//   demotion/since-6-16-a-group-that-may-use-no-slower-node-keeps-its-pages.ts

@@
@@
- mem_cgroup_node_filter_allowed(...);
