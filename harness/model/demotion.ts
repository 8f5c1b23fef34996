import { slowestTopTier, tierOfNode } from './tiers.ts'
import { type DemotionTargets, nodesWithCpu, type World } from './world.ts'

/**
 * Builds every node's demotion targets anew: the nearest nodes of the next slower tier, and all slower nodes as
 * fallback. Happens at boot and when a node gains its first or loses its last memory, at no other time.
 * Source: mm/memory-tiers.c, establish_demotion_targets() (6.1).
 */
export function rebuildDemotionTargets(draft: World): void {
  draft.targets = demotionTargets(draft)
  draft.top_tier = slowestTopTier(draft) ?? draft.top_tier
  draft.rebuilds.push(draft.targets)
}

export function demotionTargets(world: World): Map<number, DemotionTargets> {
  const tiers = tierOfNode(world)
  const order = [...new Set(tiers.values())].sort((a, b) => a - b)
  const targets = new Map<number, DemotionTargets>()
  for (const [node, tier] of tiers) {
    const next = order.find((candidate) => candidate > tier)
    const members = [...tiers].filter(([, other]) => other === next).map(([member]) => member)
    const fallback = [...tiers].filter(([, other]) => other > tier).map(([member]) => member)
    targets.set(node, {
      preferred: next === undefined ? [] : preferredSets(world, node, members),
      fallback: fallback.sort((a, b) => a - b),
    })
  }
  return targets
}

/**
 * The kernel picks the best candidate again and again, and keeps those as far away as the first; the first at another
 * distance ends it. Ties between candidates at different distances are broken by node_load, which depends on history,
 * so that each order is possible.
 */
function preferredSets(world: World, from: number, candidates: readonly number[]): number[][] {
  const sets = new Map<string, number[]>()
  const distance = (to: number) => world.distances[from]?.[to] ?? 0
  const grow = (picked: readonly number[]) => {
    const left = candidates.filter((candidate) => !picked.includes(candidate))
    const ties = nearestOf(world, from, left)
    const [first] = picked
    for (const tie of ties) {
      if (first === undefined || distance(tie) === distance(first)) grow([...picked, tie])
    }
    const ends = left.length === 0 || ties.some((tie) => first !== undefined && distance(tie) !== distance(first))
    if (picked.length > 0 && ends) {
      const set = [...picked].sort((a, b) => a - b)
      sets.set(set.join(), set)
    }
  }
  grow([])
  return [...sets.values()]
}

/** The candidates that are the best choice from a node; several where they tie. */
export function nearestOf(world: World, from: number, candidates: readonly number[]): number[] {
  const least = Math.min(...candidates.map((to) => selectionKey(world, from, to)))
  return candidates.filter((to) => selectionKey(world, from, to) === least)
}

/** What makes a node a worse choice: its distance, plus one for a node below, plus one for a node with CPUs. */
export interface Cost {
  readonly distance: number
  readonly below: 0 | 1
  readonly cpus: 0 | 1
}

/** Source: mm/page_alloc.c, find_next_best_node() (6.1). */
export function costOf(world: World, from: number, to: number): Cost {
  return {
    distance: world.distances[from]?.[to] ?? 0,
    below: to < from ? 1 : 0,
    cpus: nodesWithCpu(world).includes(to) ? 1 : 0,
  }
}

/** Lower is better. */
function selectionKey(world: World, from: number, to: number): number {
  const { distance, below, cpus } = costOf(world, from, to)
  return distance + below + cpus
}
