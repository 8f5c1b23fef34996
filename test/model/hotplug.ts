import t from 'tap'
import { GiB, MiB } from '../../harness/base/size.ts'
import { reboot } from '../../harness/model/boot.ts'
import { setCpuOnline } from '../../harness/model/cpu.ts'
import * as daxctl from '../../harness/model/daxctl.ts'
import { plugDimm, unplugDimm } from '../../harness/model/dimm.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import { offlineBlock, onlineBlock } from '../../harness/model/memory-hotplug.ts'
import { createNamespace } from '../../harness/model/ndctl.ts'
import { predict } from '../../harness/model/predict.ts'
import { tiersOf } from '../../harness/model/tiers.ts'
import { deviceIn, evolve, nodesWithCpu, nodesWithMemory, onlineNodes, type World } from '../../harness/model/world.ts'
import { machine } from '../../harness/topology/machine.ts'
import { dram, memoryless, pmem, withDimms } from '../../harness/topology/nodes.ts'
import { bootWorld } from '../../harness/topology/world.ts'

const RAM = { online: true, movable: true, force: false }

function tiers(world: World): string {
  return [...tiersOf(world)].map(([tier, nodes]) => `${tier}: ${nodes.join()}`).join('; ')
}

/** Two NVDIMM blocks’ worth and a DIMM of two blocks on node 1. */
function mixed(era = '6.12'): World {
  return bootWorld(
    machine({ nodes: [dram(1 * GiB, { cpus: '0-1' }), withDimms(pmem(512 * MiB), 256 * MiB)] }).spec,
    eraNamed(era),
  )
}

function online(world: World, ...blocks: number[]): World {
  return evolve(world, (draft) => {
    for (const block of blocks) onlineBlock(draft, block, 'online_movable')
  })
}

t.test('a DIMM: its blocks come with it, and go with it', async (t) => {
  const plugged = plugDimm(mixed(), 'dimm1.0').world
  t.same([...plugged.blocks.keys()].slice(-2), [36, 37])
  t.same(onlineNodes(plugged), [0, 1])
  t.same(nodesWithMemory(plugged), [0])
  t.equal(tiers(online(plugged, 36)), '4: 0,1', 'nobody typed the node: DRAM')
  const gone = unplugDimm(online(plugged, 36), 'dimm1.0')
  t.equal(gone.status, 0)
  t.same(onlineNodes(gone.world), [0])
  t.equal(tiers(gone.world), '4: 0')
  t.match(plugDimm(plugged, 'dimm1.0'), { status: 1, words: /Duplicate/ })
  t.match(unplugDimm(gone.world, 'dimm1.0'), { status: 1, words: /not found/ })
  t.throws(() => plugDimm(mixed(), 'dimm0.0'), RangeError)
})

t.test('an eject that fails onlines again what it had offlined, by the kernel’s choice of zone', async (t) => {
  const both = online(plugDimm(mixed(), 'dimm1.0').world, 36, 37)
  const stuck = evolve(both, (draft) => {
    draft.inject = { going_online: 0, going_offline: -16 }
  })
  const refused = unplugDimm(stuck, 'dimm1.0')
  t.match(refused, { status: 1, words: 'ACPI_OST_SC_DEVICE_BUSY' })
  t.same(nodesWithMemory(refused.world), [0, 1])
  t.equal(refused.world.dimms[0]?.plugged, true)
  t.equal(refused.world.rebuilds.length, both.rebuilds.length, 'nothing was the last memory')
})

t.test('a DIMM and kmem on one node: the first types it', async (t) => {
  const ready = createNamespace(mixed(), '1.0', 'dev').world
  const dimmFirst = online(plugDimm(ready, 'dimm1.0').world, 36)
  t.equal(tiers(daxctl.reconfigureToSystemRam(dimmFirst, '1.0', RAM).world), '4: 0,1')
  const kmemFirst = daxctl.reconfigureToSystemRam(ready, '1.0', RAM).world
  const joined = online(plugDimm(kmemFirst, 'dimm1.0').world, 36)
  t.equal(tiers(joined), '4: 0; 22: 1')
  const left = daxctl.reconfigureToDevdax(joined, '1.0', true).world
  t.equal(tiers(left), '4: 0; 22: 1', 'the memory that is left keeps the node in its tier')
  const last = evolve(left, (draft) => void offlineBlock(draft, 36))
  t.equal(tiers(last), '4: 0', 'and takes the tier with it')
  t.equal(tiers(online(last, 36)), '4: 0,1', 'nobody types the node any more')
})

t.test('a reboot keeps what lies in the machine', async (t) => {
  const ready = createNamespace(mixed(), '1.0', 'dev').world
  const busy = daxctl.reconfigureToSystemRam(plugDimm(ready, 'dimm1.0').world, '1.0', RAM).world
  const changed = evolve(setCpuOnline(busy, 1, false), (draft) => {
    draft.auto_online = 'online_kernel'
    draft.demotion_enabled = true
    draft.inject = { going_online: -12, going_offline: -16 }
  })
  const after = reboot(changed)
  t.match(deviceIn(after, '1.0'), { driver: 'device_dax', labels: 'written', added: false, counted: null, ids: [] })
  t.same(deviceIn(after, '1.0').ranges, deviceIn(busy, '1.0').ranges)
  t.match(after, { auto_online: 'offline', demotion_enabled: false, kmem: { loaded: false, types: [] } })
  t.match(after, { inject: { going_online: 0, going_offline: 0 }, offline_cpus: [] })
  t.equal(tiers(after), '4: 0')
  t.same([...after.blocks.keys()].slice(-2), [36, 37], 'the DIMM is found again, kmem’s memory is not')
  t.equal(after.rebuilds.length, 1)
  const raw = reboot(mixed())
  t.match(deviceIn(raw, '1.0'), { ranges: null, driver: null, labels: 'empty' })
})

t.test('memory of DIMMs that comes online at boot is DRAM, whatever HMAT says', async (t) => {
  const box = machine({
    nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(memoryless(), 128 * MiB)],
    hmat: [
      { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10240 },
      { initiator: 0, target: 1, latency_ns: 20, bandwidth_mibps: 5120 },
    ],
    autoOnline: 'online',
  })
  const wanted: [era: string, plugged: string, rebuilds: number[][]][] = [
    // Boot memory is typed before ACPI adds the DIMM, and after it from 6.10 on.
    ['6.1', '4: 0,1', [[0], [0, 1]]],
    ['6.9', '4: 0,1', [[0], [0, 1]]],
    ['6.12', '4: 0; 18: 1', [[1], [0, 1]]],
  ]
  for (const [era, plugged, rebuilds] of wanted) {
    const world = plugDimm(bootWorld(box.spec, eraNamed(era)), 'dimm1.0').world
    t.equal(tiers(world), plugged, `${era}, plugged in`)
    t.equal(tiers(reboot(world)), '4: 0,1', `${era}, at boot`)
    t.same(
      reboot(world).rebuilds.map((targets) => [...targets.keys()].sort()),
      rebuilds,
      `${era}: rebuilds`,
    )
  }
})

t.test('a node has CPUs while one is online; its folder stays', async (t) => {
  const world = bootWorld(
    machine({ nodes: [dram(512 * MiB, { cpus: '0' }), dram(512 * MiB, { cpus: '1-2' })] }).spec,
    eraNamed('6.12'),
  )
  const one = setCpuOnline(world, 1, false)
  t.same(nodesWithCpu(one), [0, 1])
  const none = setCpuOnline(setCpuOnline(one, 2, false), 2, false)
  t.same(nodesWithCpu(none), [0])
  t.same(onlineNodes(none), [0, 1])
  t.equal(tiers(none), tiers(world))
  t.same(none.targets, world.targets)
  t.same(none.rebuilds, world.rebuilds, 'nothing is rebuilt')
  t.same(nodesWithCpu(setCpuOnline(none, 2, true)), [0, 1])
})

t.test('top tier is what it was when the demotion targets were built', async (t) => {
  const offline = setCpuOnline(setCpuOnline(mixed(), 0, false), 1, false)
  t.equal(offline.top_tier, 4, 'a CPU that goes offline is no reason to look again')
  const hot = online(plugDimm(offline, 'dimm1.0').world, 36)
  t.equal(hot.top_tier, 4, 'and without any CPU it stays')
  t.equal(predict(offline).nodes[0]?.toptier, true)
})
