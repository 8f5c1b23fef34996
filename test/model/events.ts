import t from 'tap'
import { GiB, MiB } from '../../harness/base/size.ts'
import { bind, newId, unbind } from '../../harness/model/dax-bus.ts'
import * as daxctl from '../../harness/model/daxctl.ts'
import { demotionTargets } from '../../harness/model/demotion.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import { kmemBlocks, loadKmem, unloadKmem } from '../../harness/model/kmem.ts'
import { offlineBlock, onlineBlock } from '../../harness/model/memory-hotplug.ts'
import { clearNodeMemoryType, initNodeMemoryType } from '../../harness/model/memory-tiers.ts'
import { createNamespace, destroyNamespace } from '../../harness/model/ndctl.ts'
import { tiersOf } from '../../harness/model/tiers.ts'
import { deviceIn, evolve, type World } from '../../harness/model/world.ts'
import { validZones, zoneFor } from '../../harness/model/zones.ts'
import { machine } from '../../harness/topology/machine.ts'
import { dram, pmem } from '../../harness/topology/nodes.ts'
import { bootWorld } from '../../harness/topology/world.ts'

const era = eraNamed('6.12')

function box(...sizes: number[]): World {
  const [first = 1 * GiB, ...others] = sizes
  return bootWorld(machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(first, ...others)] }).spec, era)
}

function ready(...sizes: number[]): World {
  return box(...sizes).devices.reduce((world, { key }) => createNamespace(world, key, 'dev').world, box(...sizes))
}

const RAM = { online: true, movable: true, force: false }

t.test('the map of node types: first writer wins, the same type counts, the last one empties', async (t) => {
  const world = box()
  evolve(world, (draft) => {
    draft.map[1] = null
    initNodeMemoryType(draft, 1, 7)
    initNodeMemoryType(draft, 1, 7)
    initNodeMemoryType(draft, 1, 8)
    t.same(draft.map[1], { type: 7, count: 2 }, 'another type is ignored')
    clearNodeMemoryType(draft, 1, 8)
    t.same(draft.map[1], { type: 7, count: 2 })
    clearNodeMemoryType(draft, 1, 7)
    clearNodeMemoryType(draft, 1, 7)
    t.equal(draft.map[1], null)
    clearNodeMemoryType(draft, 1, 7)
    t.equal(draft.map[1], null)
    initNodeMemoryType(draft, 1, 7)
    clearNodeMemoryType(draft, 1, null)
    t.equal(draft.map[1], null, 'whichever it is')
  })
})

t.test('a devdax namespace and the memory blocks that kmem makes of it', async (t) => {
  const cases: [size: number, map: 'dev' | 'mem', start: number, size: number, blocks: number[]][] = [
    [1 * GiB, 'mem', 0x100200000, 1071644672, [33, 34, 35, 36, 37, 38, 39]],
    [1 * GiB, 'dev', 0x101200000, 1054867456, [33, 34, 35, 36, 37, 38, 39]],
    [512 * MiB, 'mem', 0x100200000, 534773760, [33, 34, 35]],
    [512 * MiB, 'dev', 0x100a00000, 526385152, [33, 34, 35]],
    [256 * MiB, 'dev', 0x100600000, 262144000, [33]],
    [128 * MiB, 'mem', 0x100200000, 132120576, []],
  ]
  for (const [bytes, map, start, size, blocks] of cases) {
    const device = deviceIn(createNamespace(box(bytes), '1.0', map).world, '1.0')
    t.same(
      [device.ranges?.[0]?.start, (device.ranges?.[0]?.end ?? 0) - start, kmemBlocks(device)],
      [start, size, blocks],
      `${bytes} ${map}`,
    )
  }
})

t.test('zones', async (t) => {
  const world = daxctl.reconfigureToSystemRam(ready(), '1.0', { ...RAM, online: false }).world
  t.equal(validZones(world, 1, 35), 'Normal Movable')
  const split = evolve(world, (draft) => {
    onlineBlock(draft, 33, 'online_movable')
    onlineBlock(draft, 39, 'online_movable')
  })
  t.equal(validZones(split, 1, 35), 'Movable Normal', 'between two movable blocks')
  t.equal(zoneFor(split, 1, 36, 'online'), 'Movable')
  t.equal(zoneFor(split, 1, 40, 'online'), 'Normal', 'beside them is not between them')
  t.equal(zoneFor(split, 1, 36, 'online_kernel'), 'Normal')
})

t.test('daxctl', async (t) => {
  const online = daxctl.reconfigureToSystemRam(ready(), '1.0', RAM)
  t.equal(online.status, 0)
  t.same(
    [...tiersOf(online.world)],
    [
      [4, [0]],
      [22, [1]],
    ],
  )
  t.equal(daxctl.reconfigureToSystemRam(online.world, '1.0', RAM).status, 0, 'all online already is no failure here')
  t.match(daxctl.onlineMemory(online.world, '1.0', true), { status: 1 }, 'but is one here')
  t.match(daxctl.reconfigureToDevdax(online.world, '1.0', false), { status: 240 })
  t.match(daxctl.onlineMemory(ready(), '1.0', true), { status: 250 })
  t.match(daxctl.reconfigureToSystemRam(ready(128 * MiB), '1.0', RAM), { status: 234, words: 'failed to enable' })
  const policy = evolve(ready(), (draft) => {
    draft.auto_online = 'online'
  })
  t.match(daxctl.reconfigureToSystemRam(policy, '1.0', RAM), { status: 240, words: /kernel policy/ })
  t.match(daxctl.reconfigureToSystemRam(policy, '1.0', { online: false, movable: false, force: false }), {
    status: 240,
  })
  t.equal(daxctl.reconfigureToSystemRam(policy, '1.0', { ...RAM, movable: false }).status, 0)
  t.equal(daxctl.reconfigureToSystemRam(policy, '1.0', { ...RAM, force: true }).status, 0)
})

t.test('ndctl', async (t) => {
  const online = daxctl.reconfigureToSystemRam(ready(), '1.0', RAM).world
  t.match(destroyNamespace(ready(), '1.0', false), { status: 240 })
  t.match(destroyNamespace(online, '1.0', true), { status: 240 })
  t.match(createNamespace(online, '1.0', 'mem'), { status: 240 })
  const gone = destroyNamespace(daxctl.offlineMemory(online, '1.0').world, '1.0', true)
  t.equal(gone.status, 0)
  t.match(deviceIn(gone.world, '1.0'), { ranges: null, driver: null, added: false, labels: 'written' })
})

t.test('the dax bus', async (t) => {
  evolve(ready(1 * GiB, 1 * GiB), (draft) => {
    const [one, two] = [deviceIn(draft, '1.0'), deviceIn(draft, '1.1')]
    loadKmem(draft)
    t.equal(bind(draft, one, 'kmem'), 'ENODEV', 'kmem knows no pmem device until it is told')
    t.equal(bind(draft, one, 'device_dax'), 'EBUSY')
    t.equal(unbind(draft, one, 'kmem'), 'ENODEV')
    t.equal(unbind(draft, one, 'device_dax'), null)
    newId(draft, one, 'kmem')
    t.equal(one.driver, 'kmem')
    t.equal(two.driver, 'device_dax')
    t.equal(onlineBlock(draft, 33, 'online_movable'), null)
    t.equal(onlineBlock(draft, 33, 'online_movable'), 'EINVAL')
    t.equal(unbind(draft, one, 'kmem'), null, 'the unbinding succeeds')
    t.equal(one.added, true, 'and the memory stays')
    t.equal(bind(draft, one, 'kmem'), 'EBUSY')
    t.equal(bind(draft, one, 'device_dax'), 'EBUSY')
    unloadKmem(draft)
    t.same(one.ids, [], 'a module forgets what it was told')
    t.same(
      [...tiersOf(draft)],
      [
        [4, [0]],
        [22, [1]],
      ],
      'the node keeps its type',
    )
    t.equal(offlineBlock(draft, 33), null)
    t.same([...tiersOf(draft)], [[4, [0]]])
  })
})

t.test('a tie between distances is broken by history: each order is possible', async (t) => {
  // From node 2, node 0 costs 20 and one each for lying below and for its CPU; node 1 costs 21 and one for lying below.
  const world = bootWorld(
    machine({
      nodes: [dram(512 * MiB, { cpus: '0' }), dram(512 * MiB), dram(512 * MiB)],
      distances: [
        [10, 20, 20],
        [20, 10, 21],
        [20, 21, 10],
      ],
    }).spec,
    era,
  )
  const tied = evolve(world, (draft) => {
    draft.types = [
      { id: 0, adistance: 576, creator: 'core', nodes: [2] },
      { id: 1, adistance: 2880, creator: 'kmem', nodes: [0, 1] },
    ]
  })
  t.same(demotionTargets(tied).get(2), { preferred: [[0], [1]], fallback: [0, 1] })
  t.same(demotionTargets(tied).get(0), { preferred: [], fallback: [] })
})
