import { rebuildDemotionTargets } from './demotion.ts'
import type { Era } from './eras.ts'
import type { MemoryType, World } from './world.ts'

/**
 * Whether HMAT may type a node that has memory at boot, by whether it has CPUs; the others are DRAM.
 * Source: mm/memory-tiers.c, memory_tier_init() (6.1), memory_tier_late_init() (6.10; for nodes with CPUs too 6.11).
 */
export function hmatTypesBootNode(era: Era, cpus: boolean): boolean {
  return era.hmat_types_boot_nodes === 'all' || (era.hmat_types_boot_nodes === 'without-cpus' && !cpus)
}

/**
 * Types a node: an empty entry takes the type and counts one, the same type counts one more, another type is ignored.
 * Source: mm/memory-tiers.c, __init_node_memory_type() (6.1).
 */
export function initNodeMemoryType(draft: World, node: number, type: number): void {
  const entry = draft.map[node]
  const stale = draft.stale[node] ?? null
  draft.stale[node] = null
  if (entry?.type === type) entry.count += 1
  if (entry) return
  draft.map[node] = { type, count: 1 }
  // Whoever gave the node that type has gone; yet it is not empty, and so not typed anew.
  if (stale !== null && stale !== type) draft.conditions.push('a node has a type of which nobody has a count')
}

/**
 * Gives one count back, of the type or of whichever there is (null); the last one empties the entry, whatever memory
 * the node has. Who means whichever there is gives one back even where there is none: the kernel's count is then below
 * what it should be, and reaches 0 too early, or not at all.
 * Source: mm/memory-tiers.c, clear_node_memory_type() (6.1; null 6.7).
 */
export function clearNodeMemoryType(draft: World, node: number, type: number | null): void {
  const entry = draft.map[node]
  const owed = draft.owed[node] ?? 0
  if (!entry) {
    if (type === null) draft.owed[node] = owed + 1
    return
  }
  if (type !== null && entry.type !== type) return
  entry.count -= 1
  if (entry.count === 0) {
    draft.map[node] = null
    if (owed > 0) draft.stale[node] = entry.type
  } else if (entry.count === owed) draft.conditions.push('a type is forgotten that a device gave its node')
}

/**
 * A module lets its types go. One of which no node has a count is freed, whoever still refers to it: a tier that lists it
 * for a node that others have given memory, or a node that has it without a count.
 * Source: mm/memory-tiers.c, mt_put_memory_types(), release_memtype() (6.10; drivers/dax/kmem.c, dax_kmem_exit() before).
 */
export function putMemoryTypes(draft: World, types: readonly number[]): void {
  const isCounted = (type: number) =>
    draft.map.some((entry, node) => entry?.type === type && entry.count > (draft.owed[node] ?? 0))
  const isUsed = (type: number) =>
    draft.stale.includes(type) ||
    draft.map.some((entry) => entry?.type === type) ||
    draft.types.some(({ id, nodes }) => id === type && nodes.length > 0)
  if (types.some((type) => !isCounted(type) && isUsed(type)))
    draft.conditions.push('a memory type is freed that is still in use')
}

/**
 * A node got its first memory. Where nobody typed it, the era decides whether HMAT may; where it is typed, DRAM is the
 * candidate, and counts only on a DRAM node.
 * Source: mm/memory-tiers.c, memtier_hotplug_callback() and set_node_memory_tier() (6.1; with HMAT 6.10).
 */
export function firstMemory(draft: World, node: number): void {
  showAccess(draft, node)
  if (draft.workload?.pages.has(node)) draft.conditions.push('a node gets memory again on which a group had pages')
  setNodeMemoryTier(draft, node, draft.era.hmat_types_first_memory)
  rebuildDemotionTargets(draft)
}

/**
 * HMAT's values appear in a node's folder when it is online at boot, or gets its first memory: once, for the kernel
 * remembers that it has done so, and not that the folder went.
 * Source: drivers/acpi/numa/hmat.c, hmat_callback(), hmat_register_target() (5.2; hmat_hotplug_target() 6.16).
 */
export function showAccess(draft: World, node: number): void {
  if (draft.hmat === null || draft.hmat.invalid_at !== null) return
  if (draft.access[node] === 'gone') draft.conditions.push('a node that HMAT describes comes back')
  draft.access[node] = 'shown'
}

/** What boot does for each node that has memory; the targets are built once, after the last. */
export function typeBootNode(draft: World, node: number): void {
  const cpus = (draft.nodes[node]?.cpus.length ?? 0) > 0
  setNodeMemoryTier(draft, node, hmatTypesBootNode(draft.era, cpus))
}

function setNodeMemoryTier(draft: World, node: number, mayAskHmat: boolean): void {
  const answer = mayAskHmat && draft.hmat_ready && !draft.map[node] ? draft.nodes[node]?.hmat_adistance : null
  const candidate = findOrCreateType(draft, answer ?? draft.era.adistance_dram, 'core')
  initNodeMemoryType(draft, node, candidate.id)
  const type = draft.types.find(({ id }) => id === draft.map[node]?.type)
  if (type && !type.nodes.includes(node)) type.nodes = [...type.nodes, node].sort((a, b) => a - b)
}

/**
 * A node lost its last memory: it leaves its type, and a type without nodes leaves its tier. The node's entry stays.
 * The kernel looks for the type in the entry, where it may not be any more, or be another.
 * Source: mm/memory-tiers.c, clear_node_memory_tier() (6.1).
 */
export function lastMemory(draft: World, node: number): void {
  const entry = draft.map[node]
  if (!entry) draft.conditions.push('a node without a type loses its last memory')
  else if (!draft.types.some(({ id, nodes }) => id === entry.type && nodes.includes(node)))
    draft.conditions.push('a node of another type than its tier loses its last memory')
  for (const type of draft.types) type.nodes = type.nodes.filter((member) => member !== node)
  rebuildDemotionTargets(draft)
}

/** One type for each abstract distance and creator. Source: mt_find_alloc_memory_type() (6.10), kmem before. */
export function findOrCreateType(draft: World, adistance: number, creator: 'core' | 'kmem'): MemoryType {
  const usable = ({ id }: MemoryType) => creator === 'core' || draft.kmem.types.includes(id)
  const found = draft.types.find((type) => type.adistance === adistance && type.creator === creator && usable(type))
  if (found) return found
  const type: MemoryType = { id: draft.types.length, adistance, creator, nodes: [] }
  draft.types.push(type)
  if (creator === 'kmem') draft.kmem.types.push(type.id)
  return type
}
