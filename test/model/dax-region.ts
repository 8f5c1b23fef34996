import t from 'tap'
import { GiB, MiB } from '../../harness/base/size.ts'
import { reboot } from '../../harness/model/boot.ts'
import { bind, modprobeKmem, newId, unbind } from '../../harness/model/dax-bus.ts'
import { available, createDevice, destroyDevice, resizeDevice } from '../../harness/model/dax-region.ts'
import * as daxctl from '../../harness/model/daxctl.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import { kmemBlocks } from '../../harness/model/kmem.ts'
import type { Outcome } from '../../harness/model/outcome.ts'
import { tiersOf } from '../../harness/model/tiers.ts'
import { blocksOf, deviceIn, evolve, type World } from '../../harness/model/world.ts'
import { machine } from '../../harness/topology/machine.ts'
import { dram, softReserved } from '../../harness/topology/nodes.ts'
import { bootWorld } from '../../harness/topology/world.ts'

const BASE = 4 * GiB
const RAM = { online: true, movable: true, force: false }

function region(era = '6.12'): World {
  return bootWorld(machine({ nodes: [dram(2 * GiB, { cpus: '0' }), softReserved(1 * GiB)] }).spec, eraNamed(era))
}

/** The world after steps that must succeed. */
function after(world: World, ...steps: ((world: World) => Outcome)[]): World {
  return steps.reduce((before, step) => {
    const { world, status, words } = step(before)
    if (status !== 0) throw new Error(words)
    return world
  }, world)
}

const create = (mebibytes: number) => (world: World) => createDevice(world, mebibytes * MiB)
const destroy = (id: number) => (world: World) => destroyDevice(world, `hmem1.${id}`, true)

/** Ranges of a device in MiB from the beginning of the region. */
function ranges(world: World, id: number): [number, number][] | undefined {
  return deviceIn(world, `hmem1.${id}`).ranges?.map(({ start, end }) => [(start - BASE) / MiB, (end - BASE) / MiB])
}

t.test('devices take the free space in the order of addresses', async (t) => {
  const boot = region()
  t.same(ranges(boot, 0), [], 'daxR.0 is there from the start, without a size')
  const three = after(boot, create(256), create(128), create(64))
  t.same([ranges(three, 1), ranges(three, 2), ranges(three, 3)], [[[0, 256]], [[256, 384]], [[384, 448]]])
  t.equal(available(three), (1024 - 448) * MiB)
  const holes = after(three, destroy(1), destroy(3), create(512))
  t.same(
    ranges(holes, 1),
    [
      [0, 256],
      [384, 640],
    ],
    'the lowest number that is free, and two ranges',
  )
  t.match(createDevice(holes, 1 * GiB), { status: 250, words: /No such device or address/ })
  t.match(
    createDevice(
      after(boot, (world) => createDevice(world, null)),
      null,
    ),
    { status: 228, words: /No space left/ },
  )
})

t.test('one that was left without a size by a failure comes first', async (t) => {
  const failed = createDevice(region(), 2 * GiB).world
  t.same(ranges(failed, 1), [])
  const next = after(failed, create(64))
  t.same([ranges(next, 1), ranges(next, 2)], [[[0, 64]], []])
  t.equal(deviceIn(next, 'hmem1.1').driver, 'device_dax')
})

t.test('a device shrinks from its end, and grows into what lies behind it', async (t) => {
  const resize = (mebibytes: number) => (world: World) => resizeDevice(world, 'hmem1.0', mebibytes * MiB)
  const grown = after(region(), create(128), create(128), destroy(1), resize(384))
  t.same(ranges(grown, 0), [
    [0, 128],
    [256, 512],
  ])
  t.same(ranges(after(grown, resize(512)), 0)?.at(-1), [256, 640], 'its last range becomes longer')
  t.same(ranges(after(grown, resize(192)), 0), [
    [0, 128],
    [256, 320],
  ])
  t.same(ranges(after(grown, resize(64)), 0), [[0, 64]])
  t.match(resize(129)(grown), { status: 250 }, 'not a multiple of 2 MiB')
  t.match(resizeDevice(grown, 'hmem1.2', 256 * MiB), { status: 250 }, 'device_dax has it')
  const offered = deviceIn(after(grown, create(64)), 'hmem1.0').driver
  t.equal(offered, 'device_dax', 'a driver that learns of one device is offered all that have none')
})

t.test('what is destroyed is gone, but for the first', async (t) => {
  const one = after(region(), create(256))
  t.match(destroyDevice(one, 'hmem1.1', false), { status: 250, words: /is active/ })
  t.throws(() => deviceIn(after(one, destroy(1)), 'hmem1.1'), RangeError)
  t.same(ranges(after(one, destroy(0)), 0), [])
  const ram = after(one, (world) => daxctl.reconfigureToSystemRam(world, 'hmem1.1', RAM))
  const left = destroyDevice(ram, 'hmem1.1', true).world
  t.same(left.conditions, ['a dax device gives back a range whose memory stays'])
  t.equal(available(left), available(ram), 'memory that was left behind is not free')
})

t.test('kmem takes whole blocks of each range, and nobody counts one that has none', async (t) => {
  const small = after(region(), create(64), create(64), destroy(1), create(320))
  t.same(ranges(small, 1), [
    [0, 64],
    [128, 384],
  ])
  t.same(kmemBlocks(deviceIn(small, 'hmem1.1')), [33, 34])
  const typed = (era: string) => {
    const world = after(
      { ...small, era: eraNamed(era) },
      (before) => daxctl.reconfigureToSystemRam(before, 'hmem1.1', RAM),
      (before) => daxctl.reconfigureToDevdax(before, 'hmem1.1', true),
    )
    t.equal(blocksOf(world, deviceIn(world, 'hmem1.1')).length, 0)
    return world.map[1] !== null
  }
  t.same(['6.1', '6.12', '7.0', '7.3'].map(typed), [true, true, true, false])
})

t.test('of a device with a hole daxctl misses the end', async (t) => {
  const holes = after(region(), create(256), create(128), destroy(1), create(512))
  const ram = after(holes, (world) => daxctl.reconfigureToSystemRam(world, 'hmem1.1', RAM))
  const online = blocksOf(ram, deviceIn(ram, 'hmem1.1')).map(([number, block]) => [number, block.online])
  t.same(online, [
    [32, true],
    [33, true],
    [35, true],
    [36, false],
  ])
  const stuck = evolve(ram, (draft) => void unbind(draft, deviceIn(draft, 'hmem1.1'), 'kmem'))
  const left = blocksOf(stuck, deviceIn(stuck, 'hmem1.1')).map(([number]) => number)
  t.same(left, [32, 33, 35, 36], 'a range of which any block is online stays whole')
  const again = evolve(stuck, (draft) => {
    const device = deviceIn(draft, 'hmem1.1')
    t.equal(bind(draft, device, 'device_dax'), 'EBUSY')
    newId(draft, device, 'device_dax')
    t.same(draft.conditions, [], 'how a write of new_id fares is not seen')
    t.equal(bind(draft, device, 'device_dax'), 'EBUSY')
  })
  t.match(again.conditions, ['device_dax is offered a dynamic device that it has failed to take before'])
})

t.test('one device of all of it is for device_dax, and from 6.3 on for kmem', async (t) => {
  const whole = (era: string, modules: string[] = []) => {
    const nodes = [dram(2 * GiB, { cpus: '0' }), softReserved(1 * GiB, { whole: true })]
    return bootWorld(machine({ nodes, modules, autoOnline: 'online_movable' }).spec, eraNamed(era))
  }
  const driver = (world: World) => deviceIn(world, 'hmem1.0').driver
  t.same([driver(whole('6.2')), driver(whole('6.3'))], ['device_dax', null])
  t.same(
    [driver(evolve(whole('6.2'), modprobeKmem)), driver(evolve(whole('6.3'), modprobeKmem))],
    ['device_dax', 'kmem'],
  )
  t.equal(driver(whole('6.3', ['kmem'])), 'kmem', 'at boot, when it is there by then')
  t.same(tiersOf(whole('6.3', ['kmem'])).get(22), [1], 'and online by the policy')
  t.equal(driver(reboot(evolve(whole('6.3'), modprobeKmem))), null)
  t.equal(available(whole('6.3')), 0)
})

t.test('where soft reserved memory can lie', async (t) => {
  const broken =
    (...nodes: Parameters<typeof machine>[0]['nodes']) =>
    () =>
      machine({ nodes })
  const main = dram(2 * GiB, { cpus: '0' })
  t.throws(
    broken(dram(1 * GiB, { cpus: '0' }), softReserved(1 * GiB)),
    /node 1: soft reserved memory must lie above 4 GiB/,
  )
  t.throws(broken(main, softReserved(512 * MiB)), /at least 768 MiB/)
  t.throws(broken(main, softReserved(1 * GiB), softReserved(1 * GiB)), /node 2: a machine can have one node of soft/)
  t.throws(broken(main, softReserved(100 * MiB)), /node 1: 100 MiB is not a positive multiple/)
})
