import { reconfigureToSystemRam } from './daxctl.ts'
import { createNamespace } from './ndctl.ts'
import type { Reason } from './reason.ts'
import { distancesOf, tierName, tierOfNode, tiersOf } from './tiers.ts'
import { whyDefaultDram } from './why-adistance.ts'
import { whyDemotion, whyTier, whyToptier } from './why-tier.ts'
import type { World } from './world.ts'

/** What the kernel makes of a machine, and why: plain data, which survives JSON. */
export interface Prediction {
  readonly tiers: readonly TierPrediction[]
  /** What HMAT's say rests on; empty without HMAT, and where the era's kernels ask it for nothing. */
  readonly hmat: readonly Reason[]
  readonly nodes: readonly NodePrediction[]
}

export interface TierPrediction {
  readonly tier: string
  readonly nodes: readonly number[]
  /** Abstract distances that it is for. */
  readonly first: number
  readonly last: number
}

export interface NodePrediction {
  readonly node: number
  /** `memory_tierN`; null for a node that has no memory online, as are the next three. */
  readonly tier: string | null
  readonly adistance: number | null
  readonly toptier: boolean | null
  readonly demotion: {
    /** The sets that may be preferred: several where the kernel's choice depends on its history. */
    readonly preferred: readonly (readonly number[])[]
    readonly fallback: readonly number[]
  } | null
  readonly why: {
    readonly tier: readonly Reason[]
    readonly toptier: readonly Reason[]
    readonly demotion: readonly Reason[]
  }
}

/**
 * The world after the NVDIMMs of these nodes were made devdax namespaces, with struct pages in them, and their memory
 * was brought online by kmem, in the order of the nodes. What is refused on the way stays as it is.
 */
export function bringOnline(world: World, nodes: readonly number[]): World {
  const keys = world.devices.filter(({ node }) => nodes.includes(node)).map(({ key }) => key)
  return keys.reduce((before, key) => {
    const { world: ready } = createNamespace(before, key, 'dev')
    return reconfigureToSystemRam(ready, key, { online: true, movable: true, force: true }).world
  }, world)
}

/** Explains a world: the tier of every node, whether it is top tier, where it demotes to, and why. */
export function predict(world: World): Prediction {
  const asks = world.era.kmem_asks_hmat
  return {
    tiers: [...tiersOf(world)].map(([tier, nodes]) => ({ tier: tierName(tier), nodes, ...distancesOf(tier) })),
    hmat: world.hmat === null || !asks ? [] : whyDefaultDram(world.hmat),
    nodes: world.nodes.map((_node, node) => predictNode(world, node)),
  }
}

function predictNode(world: World, node: number): NodePrediction {
  const tier = tierOfNode(world).get(node)
  const why = { tier: whyTier(world, node), toptier: whyToptier(world, node), demotion: whyDemotion(world, node) }
  if (tier === undefined) return { node, tier: null, adistance: null, toptier: null, demotion: null, why }
  const type = world.types.find(({ nodes }) => nodes.includes(node))
  const { top_tier: slowest } = world
  const { preferred = [], fallback = [] } = world.targets.get(node) ?? {}
  return {
    node,
    tier: tierName(tier),
    adistance: type?.adistance ?? null,
    toptier: slowest === null ? null : tier <= slowest,
    demotion: { preferred, fallback },
    why,
  }
}
