// breaks: The node’s pgdat keeps pointing to the tier that it has left.
// noticed: By nothing that can be ordered: see the proof. KASAN could see a reader in the window of the notifier.
// files: mm/memory-tiers.c
// kernels: 6.1, 6.12, 7
// equivalent: Who reads pgdat->memtier asks for a node with memory: disable_all_demotion_targets(),
//   establish_demotion_targets() and the dump walk N_MEMORY, node_is_toptier() asks for the node of a page,
//   node_get_allowed_targets() for a node that is reclaimed. The next first memory of the node sets it anew before
//   any of them, but for what is allocated between the setting of N_MEMORY and the notifier, within one write to
//   sysfs. clear_node_memory_tier() itself is called once for each time that the node had memory.

@@
expression place;
@@
- rcu_assign_pointer(place, NULL);
