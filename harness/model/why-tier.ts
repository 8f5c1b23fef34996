import { formatNodeSet } from '../base/node-set.ts'
import { costOf } from './demotion.ts'
import { kmemBlocks } from './kmem.ts'
import { hmatTypesBootNode } from './memory-tiers.ts'
import { type Reason, reason } from './reason.ts'
import { distancesOf, tierName, tierOf, tiersOf } from './tiers.ts'
import { whyHmatAdistance } from './why-adistance.ts'
import { nodesWithMemory, type World } from './world.ts'

/** Why a node is in its tier, line by line, from who typed its memory to the number of the tier. */
export function whyTier(world: World, node: number): Reason[] {
  if (!nodesWithMemory(world).includes(node)) return [whyNoTier(world, node)]
  const type = world.types.find(({ id }) => id === world.map[node]?.type)
  if (type === undefined) throw new RangeError(`node ${node} has memory and no type`)
  const tier = tierOf(type.adistance)
  const { first, last } = distancesOf(tier)
  return [
    ...(type.creator === 'kmem' ? whyKmem(world, node) : whyCore(world, node)),
    reason(
      'find_create_memory_tier',
      `tier = ${type.adistance} >> 7 = ${tier}: ${tierName(tier)} is for distances from ${first} to ${last}`,
    ),
  ]
}

function whyNoTier(world: World, node: number): Reason {
  const devices = world.devices.filter((device) => device.node === node)
  const says =
    devices.length === 0
      ? 'the node has CPUs alone, and a node without memory is in no tier'
      : devices.some((device) => device.ranges !== null && kmemBlocks(device).length === 0)
        ? 'kmem refuses its NVDIMM, of which no whole memory block is left behind info block and struct pages: no memory, no tier'
        : 'none of its memory is online, and a node without memory is in no tier'
  return reason('set_node_memory_tier', says)
}

function whyKmem({ era, hmat }: World, node: number): Reason[] {
  const otherwise = era.adistance_dax
  const default_ = `kmem typed the node before its first memory came online; its default distance is ${otherwise}`
  if (!era.kmem_asks_hmat) return [reason('dev_dax_kmem_probe', `${default_}, and no table is asked`)]
  return [
    reason('dev_dax_kmem_probe', `${default_}, and HMAT is asked first`),
    ...whyHmatAdistance(era, hmat, node, otherwise),
  ]
}

function whyCore(world: World, node: number): Reason[] {
  const { era, hmat } = world
  const cpus = (world.nodes[node]?.cpus.length ?? 0) > 0
  const otherwise = era.adistance_dram
  const late = [...world.blocks.values()].some((block) => block.node === node && block.owner !== 'boot')
  const first = late
    ? [reason('__init_node_memory_type', 'the node was typed at boot, and memory that is added later changes no type')]
    : []
  if (!hmatTypesBootNode(era, cpus)) {
    const which = era.hmat_types_boot_nodes === 'none' ? 'a node with memory at boot' : 'a boot node with CPUs'
    return [
      ...first,
      reason('memory_tier_init', `${which} is DRAM, whatever HMAT says: abstract distance ${otherwise}`),
    ]
  }
  return [
    ...first,
    reason('memory_tier_late_init', `a node with memory at boot is DRAM, distance ${otherwise}, unless HMAT answers`),
    ...whyHmatAdistance(era, hmat, node, otherwise),
  ]
}

/** Why a node with memory is top tier, or is not. */
export function whyToptier(world: World, node: number): Reason[] {
  const tier = tierOfTypes(world, node)
  const { top_tier: slowest } = world
  if (tier === undefined || slowest === null) return []
  const { last } = distancesOf(slowest)
  const { first } = distancesOf(tier)
  return [
    reason(
      'establish_demotion_targets',
      `${tierName(slowest)} is the slowest tier with CPUs: top tier is what begins at ${last} or below`,
    ),
    reason('node_is_toptier', `${tierName(tier)} begins at ${first}: ${first <= last ? 'top tier' : 'not top tier'}`),
  ]
}

/** Why a node with memory demotes where it does: the next tier, and what each node of it costs. */
export function whyDemotion(world: World, node: number): Reason[] {
  const tier = tierOfTypes(world, node)
  if (tier === undefined) return []
  const tiers = tiersOf(world)
  const next = [...tiers.keys()].find((candidate) => candidate > tier)
  if (next === undefined) return [reason('establish_demotion_targets', 'there is no slower tier: nothing to demote to')]
  const candidates = tiers.get(next) ?? []
  const targets = world.targets.get(node)
  const sets = (targets?.preferred ?? []).map((set) => formatNodeSet(set)).join(' or ')
  return [
    reason(
      'establish_demotion_targets',
      `the next slower tier is ${tierName(next)}, node${candidates.length === 1 ? '' : 's'} ${formatNodeSet(candidates)}`,
    ),
    ...candidates.map((to) => {
      const { distance, below, cpus } = costOf(world, node, to)
      const parts = [
        `distance ${distance}`,
        ...(below ? ['1 for lying below'] : []),
        ...(cpus ? ['1 for its CPUs'] : []),
      ]
      return reason('find_next_best_node', `node ${to} costs ${distance + below + cpus}: ${parts.join(' + ')}`)
    }),
    reason(
      'establish_demotion_targets',
      `preferred are the cheapest, and those as far away as the first: ${sets}; fallback is every slower node: ${formatNodeSet(targets?.fallback ?? [])}`,
    ),
  ]
}

function tierOfTypes(world: World, node: number): number | undefined {
  return [...tiersOf(world)].find(([, nodes]) => nodes.includes(node))?.[0]
}
