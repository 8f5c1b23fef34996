import { isUndecided } from '../model/outcome.ts'
import { tierOfNode } from '../model/tiers.ts'
import type { World } from '../model/world.ts'
import type { Step } from '../steps/step.ts'
import type { Taken } from './compose.ts'

/** One step as it is counted: sizes and numbers are left out. */
export interface Transition {
  /** Nodes whose state is another than before. None when the step changed nothing of a node, or was refused. */
  readonly nodes: readonly { readonly from: string; readonly to: string }[]
  /** What was done, and how it was answered: `dax driver kmem bind → Device or resource busy`. */
  readonly answer: string
  readonly situations: readonly string[]
}

const known = new WeakMap<Taken, Transition>()

/** Asked for more than once, when steps are compared. */
export function transition(taken: Taken): Transition {
  const before = known.get(taken) ?? transitionOf(taken)
  known.set(taken, before)
  return before
}

function transitionOf(taken: Taken): Transition {
  const { before, outcome } = taken
  const nodes = before.nodes.map((_, node) => ({ from: nodeState(before, node), to: nodeState(outcome.world, node) }))
  return {
    nodes: nodes.filter(({ from, to }) => from !== to),
    answer: answerOf(taken),
    situations: situationsOf(taken),
  }
}

/** What a node is, as far as tiers depend on it: its type and tier, whose memory it has, and its dax devices. */
function nodeState(world: World, node: number): string {
  const entry = world.map[node]
  const type = entry === null || entry === undefined ? undefined : world.types.find(({ id }) => id === entry.type)
  const listed = world.types.find(({ nodes }) => nodes.includes(node))
  const owners = [
    ...new Set(
      [...world.blocks.values()].filter((block) => block.node === node).map(({ owner }) => kindOf(world, owner)),
    ),
  ]
  const devices = world.devices
    .filter((device) => device.node === node && device.ranges !== null)
    .map(
      ({ driver, added, refused, state }) =>
        `${driver ?? 'none'}${added && driver !== 'kmem' ? ' left' : ''}${refused ? ' refused' : ''}${state === 'unplugged' ? ' unplugged' : ''}`,
    )
    .sort()
  return [
    ...((world.owed[node] ?? 0) > 0 ? ['owed'] : []),
    ...((world.stale[node] ?? null) === null ? [] : ['stale']),
    !type ? 'untyped' : `${type.creator}×${Math.min(3, entry?.count ?? 0)}`,
    ...(type?.creator === 'kmem' && !world.kmem.types.includes(type.id) ? ['of a kmem that has gone'] : []),
    listed === undefined ? 'no tier' : listed.id === type?.id ? 'its tier' : 'another tier',
    ...owners.sort().map((owner) => `${owner} ${onlineOf(world, node, owner)}`),
    ...devices,
  ].join(', ')
}

type Owner = 'boot' | 'kmem' | 'kmem left' | 'dimm' | 'virtio-mem'

function kindOf(world: World, owner: string): Owner {
  if (owner === 'boot') return 'boot'
  if (world.dimms.some(({ key }) => key === owner)) return 'dimm'
  if (world.virtio_mems.some(({ key }) => key === owner)) return 'virtio-mem'
  return world.devices.some(({ key, driver }) => key === owner && driver === 'kmem') ? 'kmem' : 'kmem left'
}

function onlineOf(world: World, node: number, owner: Owner): string {
  const blocks = [...world.blocks.values()].filter(
    (block) => block.node === node && kindOf(world, block.owner) === owner,
  )
  const online = blocks.filter((block) => block.online).length
  return online === 0 ? 'offline' : online === blocks.length ? 'online' : 'in part'
}

function answerOf({ step, outcome }: Taken): string {
  // Which of two racers is refused depends on their order.
  if (outcome.status === 0 || outcome.orders !== undefined) return doneBy(step)
  return `${doneBy(step)} → ${outcome.words.replaceAll(/\d+(\.\d+)?/g, 'N')}`
}

function doneBy({ verb, args: all }: Pick<Step, 'verb' | 'args'>): string {
  const args = all as Readonly<Record<string, unknown>>
  if (verb === 'race') {
    const { one, other } = args as Readonly<Record<'one' | 'other', Step>>
    return `at once: ${[doneBy(one), doneBy(other)].sort().join('; ')}`
  }
  const words = [
    'driver',
    'file',
    'state',
    'policy',
    'action',
    'error',
    'map',
    'online',
    'movable',
    'force',
    'remove',
    'enabled',
  ]
  const told = words.flatMap((word) => {
    const value = args[word]
    if (typeof value === 'string') return [value]
    return value === true ? [word] : []
  })
  return [verb, ...told].join(' ')
}

/** Situations in which kernels have gone wrong, or may: by name, so that one sees which were never reached. */
export const SITUATIONS: Readonly<Record<string, (taken: Taken) => boolean>> = {
  'a node gets its first memory': ({ before, outcome }) =>
    withMemory(outcome.world).some((node) => !withMemory(before).includes(node)),
  'a node loses its last memory': ({ before, outcome }) =>
    withMemory(before).some((node) => !withMemory(outcome.world).includes(node)),
  'memory of kmem and of a DIMM on one node': at(
    (world, node) => owners(world, node).has('kmem') && owners(world, node).has('dimm'),
  ),
  'memory of kmem and of virtio-mem on one node': at(
    (world, node) => owners(world, node).has('kmem') && owners(world, node).has('virtio-mem'),
  ),
  'memory of kmem on a node with memory at boot': at(
    (world, node) => owners(world, node).has('kmem') && owners(world, node).has('boot'),
  ),
  'two devices of kmem on one node': at(
    (world, node) => world.devices.filter((device) => device.node === node && device.driver === 'kmem').length > 1,
  ),
  'memory that kmem left behind': at((world, node) => owners(world, node).has('kmem left')),
  'memory that kmem left behind, and kmem on the same node': at(
    (world, node) => owners(world, node).has('kmem left') && owners(world, node).has('kmem'),
  ),
  'a node with memory and without a type': at((world, node) => !world.map[node] && withMemory(world).includes(node)),
  'a count is given back that nobody had': at((world, node) => (world.owed[node] ?? 0) > 0),
  'a node of another type than its tier': at((world, node) => {
    const listed = world.types.find(({ nodes }) => nodes.includes(node))
    return listed !== undefined && world.map[node] !== null && listed.id !== world.map[node]?.type
  }),
  'a node with a type and without memory': at(
    (world, node) => world.map[node] !== null && !withMemory(world).includes(node),
  ),
  'a type of a kmem that has gone': at((world, node) => {
    const type = world.types.find(({ id }) => id === world.map[node]?.type)
    return type?.creator === 'kmem' && !world.kmem.types.includes(type.id)
  }),
  'two types in one tier': ({ outcome: { world } }) => {
    const chunks = world.types
      .filter(({ nodes }) => nodes.length > 0)
      .map(({ adistance }) => Math.floor(adistance / 128))
    return new Set(chunks).size < chunks.length
  },
  'three tiers or more': ({ outcome: { world } }) => new Set(tierOfNode(world).values()).size > 2,
  'a tier faster than DRAM': ({ outcome: { world } }) => [...tierOfNode(world).values()].some((tier) => tier < 4),
  'two nodes in a tier below the top': ({ outcome: { world } }) => {
    const below = [...tierOfNode(world).values()].filter((tier) => tier > 4)
    return new Set(below).size < below.length
  },
  'targets at one distance': ({ outcome: { world } }) =>
    [...world.targets.values()].some(({ preferred }) => preferred.some((set) => set.length > 1)),
  'memory of one device online in part': ({ outcome: { world } }) =>
    world.devices.some(({ key }) => {
      const own = [...world.blocks.values()].filter(({ owner }) => owner === key)
      return own.some(({ online }) => online) && own.some(({ online }) => !online)
    }),
  'online fails': ({ before, step, outcome }) =>
    before.inject.going_online !== 0 &&
    (outcome.status !== 0 || bound(before) < bound(outcome.world)) &&
    step.verb !== 'inject memory notifier error',
  'offline fails': ({ before, outcome }) => before.inject.going_offline !== 0 && outcome.status !== 0,
  'kmem is refused a device': ({ step, outcome }) =>
    outcome.status !== 0 && (step.verb.endsWith('system-ram') || JSON.stringify(step.args).includes('"bind"')),
  'a device of several ranges': ({ outcome: { world } }) =>
    world.devices.some(({ ranges }) => (ranges?.length ?? 0) > 1),
  'a device of kmem is unplugged by its state': ({ before, outcome }) =>
    before.devices.some(
      ({ key, state }) =>
        state !== 'unplugged' &&
        outcome.world.devices.some((device) => device.key === key && device.state === 'unplugged'),
    ),
  'a namespace goes from below kmem': ({ before, step }) =>
    step.verb === 'ndctl destroy-namespace' && bound(before) > 0,
  'kmem is unloaded under devices': ({ before, outcome }) =>
    before.kmem.loaded && !outcome.world.kmem.loaded && bound(before) > 0,
  'kmem is loaded again': ({ before, outcome }) =>
    !before.kmem.loaded && outcome.world.kmem.loaded && before.types.some(({ creator }) => creator === 'kmem'),
  'a reboot with memory that was added': ({ before, step }) =>
    step.verb === 'guest reboot' && [...before.blocks.values()].some(({ owner }) => owner !== 'boot'),
  'a DIMM goes while kmem is on its node': ({ before, step, outcome }) =>
    step.verb === 'qemu device_del' &&
    outcome.status === 0 &&
    before.nodes.some((_, node) => owners(before, node).has('dimm') && owners(before, node).has('kmem')),
  'pages are demoted': ({ outcome: { world } }) => world.demoted.size > 0,
  'memory goes offline under a workload': ({ before, outcome }) =>
    before.workload !== null &&
    [...before.blocks].some(([number, { online }]) => online && !outcome.world.blocks.get(number)?.online),
  'two steps at once, and any order leads to the same': ({ outcome }) =>
    outcome.orders !== undefined && !isUndecided(outcome),
  'two steps at once, and it matters which came first': ({ outcome }) => isUndecided(outcome),
  'CPUs of a node are all offline': at((world, node) => {
    const cpus = world.nodes[node]?.cpus ?? []
    return cpus.length > 0 && cpus.every((cpu) => world.offline_cpus.includes(cpu))
  }),
}

function situationsOf(taken: Taken): string[] {
  return [
    ...Object.entries(SITUATIONS).flatMap(([name, holds]) => (holds(taken) ? [name] : [])),
    ...taken.outcome.world.conditions,
  ]
}

/** Whether it holds for a node of the world that the step leads to. */
function at(holds: (world: World, node: number) => boolean) {
  return ({ outcome: { world } }: Taken) => world.nodes.some((_, node) => holds(world, node))
}

function withMemory(world: World): number[] {
  return world.nodes.flatMap((_, node) =>
    [...world.blocks.values()].some((block) => block.node === node && block.online) ? [node] : [],
  )
}

function owners(world: World, node: number): Set<Owner> {
  return new Set(
    [...world.blocks.values()].filter((block) => block.node === node).map(({ owner }) => kindOf(world, owner)),
  )
}

function bound(world: World): number {
  return world.devices.filter(({ driver }) => driver === 'kmem').length
}
