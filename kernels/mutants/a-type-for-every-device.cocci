// breaks: Types are not looked up by distance: each probe, and each node, gets one of its own.
// noticed: A second device on a node has another type and is not counted: the first to go clears the type, and the
//   last block goes offline into an oops.
// files: mm/memory-tiers.c
// kernels: 6.12, 7
// elsewhere: 6.1 has two types, and looks up none
// likely: kmem/two-devices-on-one-node-share-its-type-until-the-last-goes.ts

@@
iterator name list_for_each_entry;
expression mtype, types, adist;
identifier list;
@@
- list_for_each_entry(mtype, types, list)
- if (mtype->adistance == adist) return mtype;
