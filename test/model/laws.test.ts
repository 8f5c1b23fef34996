import fc from 'fast-check'
import t from 'tap'
import { InvalidMachine } from '../../harness/base/errors.ts'
import { MiB } from '../../harness/base/size.ts'
import { unbind } from '../../harness/model/dax-bus.ts'
import * as daxctl from '../../harness/model/daxctl.ts'
import { demotionTargets } from '../../harness/model/demotion.ts'
import { ERAS, type Era } from '../../harness/model/eras.ts'
import { loadKmem, unloadKmem } from '../../harness/model/kmem.ts'
import { offlineBlock, onlineBlock } from '../../harness/model/memory-hotplug.ts'
import { createNamespace, destroyNamespace } from '../../harness/model/ndctl.ts'
import { tierOfNode, tiersOf } from '../../harness/model/tiers.ts'
import { requestSize } from '../../harness/model/virtio-mem.ts'
import {
  type AutoOnlinePolicy,
  atRest,
  blocksOf,
  deviceIn,
  evolve,
  nodesWithMemory,
  onlineNodes,
  type World,
} from '../../harness/model/world.ts'
import { type Machine, machine } from '../../harness/topology/machine.ts'
import { dram, dramAndPmem, type NodeSpec, pmem, withVirtioMem } from '../../harness/topology/nodes.ts'
import { bootWorld } from '../../harness/topology/world.ts'

// Random machines, random steps on them, every era: what must hold whatever happens.

const size = 512 * MiB

/** One to two sockets, memory alone, persistent memory alone or beside DRAM; any distances; HMAT for some, or none. */
const machines = fc
  .record({
    sockets: fc.integer({ min: 1, max: 2 }),
    mixed: fc.boolean(),
    memory: fc.nat(1),
    nvdimms: fc.integer({ min: 1, max: 2 }),
  })
  .chain(({ sockets, mixed, memory, nvdimms }) => {
    const nodes: NodeSpec[] = [
      ...Array.from({ length: sockets }, (_value, cpu) =>
        mixed && cpu === 0 ? dramAndPmem(size, { cpus: `${cpu}`, pmem: [size] }) : dram(size, { cpus: `${cpu}` }),
      ),
      ...Array.from({ length: memory }, () => dram(size)),
      ...Array.from({ length: nvdimms }, (_value, index) =>
        index === 0 ? withVirtioMem(pmem(size, size), 256 * MiB) : pmem(size),
      ),
    ]
    const row = fc.array(fc.integer({ min: 11, max: 60 }), { minLength: nodes.length, maxLength: nodes.length })
    const matrix = fc.array(row, { minLength: nodes.length, maxLength: nodes.length })
    const performance = fc.record({
      latency_ns: fc.constantFrom(0, 10, 11, 20, 50, 300),
      bandwidth_mibps: fc.constantFrom(0, 1024, 5120, 10240),
    })
    const rows = fc.array(performance, { minLength: nodes.length, maxLength: nodes.length })
    const autoOnline = fc.constantFrom<AutoOnlinePolicy>('offline', 'online', 'online_movable', 'online_kernel')
    return fc.record({ matrix, rows, described: fc.boolean(), autoOnline }).map((given): Machine => {
      const distances = given.matrix.map((line, from) => line.map((value, to) => (from === to ? 10 : value)))
      const hmat = given.rows.map((entry, target) => ({
        ...entry,
        ...{ target, initiator: target < sockets ? target : 0 },
      }))
      return machine({ nodes, distances, autoOnline: given.autoOnline, ...(given.described && { hmat }) })
    })
  })

/** What a step does to one device of a world. */
const VERBS = {
  'create-namespace': (world, key) => createNamespace(world, key, 'dev').world,
  'destroy-namespace': (world, key) => destroyNamespace(world, key, true).world,
  'system-ram': (world, key) =>
    daxctl.reconfigureToSystemRam(world, key, { online: true, movable: true, force: true }).world,
  'system-ram, kernel zone': (world, key) =>
    daxctl.reconfigureToSystemRam(world, key, { online: true, movable: false, force: true }).world,
  'system-ram, no online': (world, key) =>
    daxctl.reconfigureToSystemRam(world, key, { online: false, movable: true, force: true }).world,
  devdax: (world, key) => daxctl.reconfigureToDevdax(world, key, false).world,
  'devdax by force': (world, key) => daxctl.reconfigureToDevdax(world, key, true).world,
  'online-memory': (world, key) => daxctl.onlineMemory(world, key, true).world,
  'offline-memory': (world, key) => daxctl.offlineMemory(world, key).world,
  unbind: (world, key) => evolve(world, (draft) => void unbind(draft, deviceIn(draft, key), 'kmem')),
  'first block': (world, key) =>
    evolve(world, (draft) => {
      const [number] = blocksOf(draft, deviceIn(draft, key))[0] ?? []
      if (number !== undefined && offlineBlock(draft, number) !== null) onlineBlock(draft, number, 'online_movable')
    }),
  'modprobe -r kmem': (world) => evolve(world, unloadKmem),
  'modprobe kmem': (world) => evolve(world, loadKmem),
  'virtio-mem, one block': (world) => requestSize(world, world.virtio_mems[0]?.key ?? '', 128 * MiB).world,
  'virtio-mem, none': (world) => requestSize(world, world.virtio_mems[0]?.key ?? '', 0).world,
  'all further memory stays offline': (world) =>
    evolve(world, (draft) => {
      draft.auto_online = 'offline'
    }),
} satisfies Record<string, (world: World, key: string) => World>

const NEEDS_DAX: readonly string[] = [
  'system-ram',
  'system-ram, kernel zone',
  'system-ram, no online',
  'devdax',
  'devdax by force',
  'online-memory',
  'offline-memory',
]

interface Move {
  readonly verb: keyof typeof VERBS
  readonly device: number
}

const verbs = Object.keys(VERBS) as (keyof typeof VERBS)[]
/** Memory is added more often than anything else is done, or little would ever happen. */
const verb = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<Move['verb']>('create-namespace', 'system-ram') },
  { weight: 3, arbitrary: fc.constantFrom(...verbs) },
)
const moves = fc.array(fc.record<Move>({ verb, device: fc.nat(3) }), { maxLength: 20, size: 'max' })

function move(world: World, { verb, device }: Move): World {
  const key = world.devices[device % Math.max(1, world.devices.length)]?.key
  if (key === undefined || (NEEDS_DAX.includes(verb) && deviceIn(world, key).ranges === null)) return world
  return VERBS[verb](atRest(world), key)
}

function worldsOf(box: Machine, era: Era, steps: readonly Move[]): World[] {
  const worlds = [bootWorld(box.spec, era)]
  for (const step of steps) worlds.push(move(worlds.at(-1) ?? bootWorld(box.spec, era), step))
  return worlds
}

/** Laws of every world, by name. */
const LAWS: Readonly<Record<string, (world: World) => boolean>> = {
  'each node with memory is in exactly one tier, and no other node is': (world) => {
    const listed = [...tiersOf(world).values()].flat().sort((a, b) => a - b)
    return listed.join() === nodesWithMemory(world).join()
  },
  'no tier is empty': (world) => [...tiersOf(world).values()].every((nodes) => nodes.length > 0),
  'demotion goes strictly downward': (world) => {
    const tiers = tierOfNode(world)
    return [...world.targets].every(([node, { preferred, fallback }]) =>
      [...preferred.flat(), ...fallback].every((to) => (tiers.get(to) ?? -1) > (tiers.get(node) ?? Infinity)),
    )
  },
  'preferred targets are among the fallback ones': (world) =>
    [...world.targets.values()].every(({ preferred, fallback }) =>
      preferred.flat().every((to) => fallback.includes(to)),
    ),
  'a node prefers someone exactly if there is a lower tier': (world) => {
    const lowest = Math.max(...tiersOf(world).keys())
    return [...tierOfNode(world)].every(
      ([node, tier]) => (tier === lowest) === ((world.targets.get(node)?.preferred.length ?? 0) === 0),
    )
  },
  'targets are those of the tiers there are': (world) =>
    JSON.stringify([...demotionTargets(world)]) === JSON.stringify([...world.targets]),
  'a typed node is counted': (world) => world.map.every((entry) => entry === null || entry.count > 0),
  'memory has a node that is online': (world) => {
    const online = onlineNodes(world)
    return [...world.blocks.values()].every(({ node }) => online.includes(node))
  },
  'boot memory stays': (world) => nodesWithMemory(world).includes(0),
  'memory that was added is of a device that gives it': (world) =>
    [...world.blocks.values()].every(
      ({ owner }) =>
        owner === 'boot' ||
        world.devices.some(({ key, added }) => key === owner && added) ||
        world.virtio_mems.some(({ key }) => key === owner),
    ),
}

t.test('laws of every world that steps lead to', async (t) => {
  fc.assert(
    fc.property(machines, fc.constantFrom(...ERAS), moves, (box, era, steps) => {
      for (const world of worldsOf(box, era, steps))
        for (const [law, holds] of Object.entries(LAWS)) if (!holds(world)) throw new Error(`Broken: ${law}`)
    }),
    { numRuns: 1000 },
  )
  for (const law of Object.keys(LAWS)) t.pass(law)
})

/** A world without what only counts steps. */
function settled(world: World): string {
  const { era, rebuilds, conditions, types, ...rest } = world
  // Which types there are is seen by what has them, not by how many were ever made.
  return JSON.stringify([
    { ...rest, targets: [...rest.targets], blocks: [...rest.blocks] },
    types.map(({ nodes }) => nodes),
  ])
}

t.test('offline and online again is no change, where the kernel takes both', async (t) => {
  const offlineThenOnline = (world: World, key: string): boolean => {
    const blocks = blocksOf(world, deviceIn(world, key))
    const all = blocks.length > 0 && blocks.every(([, block]) => block.online && block.zone === 'Movable')
    // A node whose type was forgotten meanwhile is typed anew: that is what the known issues are about.
    if (!all || deviceIn(world, key).driver !== 'kmem' || !world.map[deviceIn(world, key).node]) return true
    const there = daxctl.offlineMemory(atRest(world), key)
    const back = daxctl.onlineMemory(there.world, key, true)
    return there.status === 0 && back.status === 0 && tiersText(back.world) === tiersText(world)
  }
  let tried = 0
  fc.assert(
    fc.property(machines, fc.constantFrom(...ERAS), moves, (box, era, steps) => {
      const world = worldsOf(box, era, steps).at(-1)
      return (world?.devices ?? []).every(({ key }) => {
        if (world === undefined) return true
        tried += blocksOf(world, deviceIn(world, key)).some(([, { online }]) => online) ? 1 : 0
        return offlineThenOnline(world, key)
      })
    }),
    { numRuns: 500 },
  )
  t.ok(tried > 100, `${tried} devices with memory online`)
})

function tiersText(world: World): string {
  return JSON.stringify([
    [...tiersOf(world)],
    [...world.targets],
    [...world.blocks],
    world.map.map((entry) => entry?.type),
  ])
}

t.test('eras agree where no dated difference applies', async (t) => {
  const released = ERAS.filter(({ spans }) => spans.length > 0)
  let changed = 0
  fc.assert(
    fc.property(machines, moves, (box, steps) => {
      // Without HMAT, and without a node on which kmem meets the type of DRAM or of a kmem that was unloaded, nothing
      // that is dated can be seen.
      const mixed = box.spec.nodes.some(({ kind }) => kind === 'mixed')
      const typing: readonly Move['verb'][] = ['modprobe -r kmem', 'virtio-mem, one block']
      if (mixed || steps.some(({ verb }) => typing.includes(verb))) return true
      const plain: Machine = { ...box, spec: { ...box.spec, hmat: null } }
      // A file that came with 7.3, and says nothing which is not said by blocks.
      const stateless = (world: World): World => ({
        ...world,
        devices: world.devices.map((device) => ({ ...device, state: null })),
        conditions: [],
      })
      const ends = released.map((era) => worldsOf(plain, era, steps).map((world) => settled(stateless(world))))
      changed += new Set(ends[0]).size > 2 ? 1 : 0
      return new Set(ends.map((worlds) => worlds.join('\n'))).size === 1
    }),
    { numRuns: 300 },
  )
  t.ok(changed > 25, `${changed} stories in which something happened`)
})

t.test('steps change no world that was handed out, and give the same twice', async (t) => {
  fc.assert(
    fc.property(machines, fc.constantFrom(...ERAS), moves, (box, era, steps) => {
      const worlds = worldsOf(box, era, steps)
      const texts = worlds.map(settled)
      const again = worldsOf(box, era, steps).map(settled)
      return worlds.every((world, index) => settled(world) === texts[index]) && again.join() === texts.join()
    }),
    { numRuns: 200 },
  )
  t.pass('200 stories')
})

t.test('distance 10 is of a node to itself alone', async (t) => {
  fc.assert(
    fc.property(machines, fc.nat(4), fc.nat(4), (box, a, b) => {
      const count = box.spec.nodes.length
      const [from, to] = [a % count, b % count]
      if (from === to) return box.spec.distances[from]?.[to] === 10
      const distances = box.spec.distances.map((row, x) => row.map((value, y) => (x === from && y === to ? 10 : value)))
      try {
        machine({ nodes: box.spec.nodes, distances })
        return false
      } catch (error) {
        return error instanceof InvalidMachine && /which only a node to itself/.test(error.message)
      }
    }),
  )
  t.pass('and no machine says otherwise')
})
