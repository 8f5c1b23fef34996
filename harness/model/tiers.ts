import { MEMTIER_CHUNK_BITS } from './eras.ts'
import { nodesWithCpu, nodesWithMemory, type World } from './world.ts'

/** Number in `memory_tierN`. Source: mm/memory-tiers.c, find_create_memory_tier() (6.1): start >> MEMTIER_CHUNK_BITS. */
export function tierOf(adistance: number): number {
  return adistance >> MEMTIER_CHUNK_BITS
}

/** Its name in sysfs, where the number is unsigned. Source: drivers/base/core.c, device_add() (6.1): `%s%u`. */
export function tierName(tier: number): `memory_tier${number}` {
  return `memory_tier${tier >>> 0}`
}

/** The abstract distances of a tier: from its first to its last. */
export function distancesOf(tier: number): { readonly first: number; readonly last: number } {
  const first = tier << MEMTIER_CHUNK_BITS
  return { first, last: first + (1 << MEMTIER_CHUNK_BITS) - 1 }
}

/**
 * The slowest tier that has a node with CPUs, as of now; undefined when no tier has one. The kernel looks when it builds
 * the demotion targets, and then keeps it: `top_tier` of the world.
 * Source: mm/memory-tiers.c, establish_demotion_targets(), node_is_toptier() (6.1).
 */
export function slowestTopTier(world: World): number | undefined {
  const tiers = tierOfNode(world)
  const withCpus = nodesWithCpu(world).flatMap((node) => tiers.get(node) ?? [])
  return withCpus.length === 0 ? undefined : Math.max(...withCpus)
}

/** Every tier that sysfs shows, with its nodelist, by number. A tier without nodes does not exist. */
export function tiersOf(world: World): Map<number, number[]> {
  const tiers = new Map<number, number[]>()
  for (const type of world.types) {
    if (type.nodes.length === 0) continue
    const tier = tierOf(type.adistance)
    tiers.set(
      tier,
      [...new Set([...(tiers.get(tier) ?? []), ...type.nodes])].sort((a, b) => a - b),
    )
  }
  return new Map([...tiers].sort(([a], [b]) => a - b))
}

/** The tier of each node that has memory. */
export function tierOfNode(world: World): Map<number, number> {
  const tiers = new Map<number, number>()
  for (const node of nodesWithMemory(world)) {
    const type = world.types.find(({ nodes }) => nodes.includes(node))
    if (type) tiers.set(node, tierOf(type.adistance))
  }
  return tiers
}
