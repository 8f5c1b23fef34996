import t from 'tap'
import { GiB, MiB } from '../../harness/base/size.ts'
import { reboot } from '../../harness/model/boot.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import { offlineBlock, onlineBlock } from '../../harness/model/memory-hotplug.ts'
import { tiersOf } from '../../harness/model/tiers.ts'
import { pluggedBlocks, requestSize, virtioMemIn } from '../../harness/model/virtio-mem.ts'
import { evolve, onlineNodes, type World } from '../../harness/model/world.ts'
import { type AutoOnline, machine } from '../../harness/topology/machine.ts'
import { dram, memoryless, withVirtioMem } from '../../harness/topology/nodes.ts'
import { bootWorld } from '../../harness/topology/world.ts'

/** Room for blocks 32 to 35 on node 1. */
function empty(autoOnline: AutoOnline = 'offline'): World {
  const nodes = [dram(1 * GiB, { cpus: '0' }), withVirtioMem(memoryless(), 512 * MiB)]
  return bootWorld(machine({ nodes, autoOnline }).spec, eraNamed('6.12'))
}

function sized(world: World, mebibytes: number): World {
  const outcome = requestSize(world, 'virtio-mem1', mebibytes * MiB)
  if (outcome.status !== 0) throw new Error(outcome.words)
  return outcome.world
}

function plugged(world: World): number[] {
  return pluggedBlocks(world, virtioMemIn(world, 'virtio-mem1'))
}

t.test('blocks come from the lowest up, and online by the policy', async (t) => {
  const two = sized(empty(), 256)
  t.same(plugged(two), [32, 33])
  t.same(onlineNodes(two), [0, 1])
  t.same([...tiersOf(two)], [[4, [0]]], 'offline memory is in no tier')
  t.same([...tiersOf(sized(empty('online_movable'), 128))], [[4, [0, 1]]], 'nobody typed the node: DRAM')
  t.same(onlineNodes(sized(two, 0)), [0])
})

t.test('they go offline ones first, then movable ones, from the highest down', async (t) => {
  const mixed = evolve(sized(empty(), 512), (draft) => {
    onlineBlock(draft, 32, 'online_movable')
    onlineBlock(draft, 34, 'online_kernel')
    onlineBlock(draft, 35, 'online_movable')
  })
  const left = [384, 256, 128, 0].map((mebibytes) => plugged(sized(mixed, mebibytes)))
  t.same(left, [[32, 34, 35], [32, 34], [34], []])
  const hole = sized(mixed, 384)
  t.same(plugged(sized(hole, 512)), [32, 33, 34, 35], 'the hole is filled again')
})

t.test('a block that cannot be offlined is passed over', async (t) => {
  const both = sized(empty('online_movable'), 256)
  const stuck = evolve(both, (draft) => {
    draft.inject = { going_online: 0, going_offline: -16 }
  })
  t.same(plugged(sized(stuck, 0)), [32, 33])
  const one = evolve(both, (draft) => {
    offlineBlock(draft, 32)
    draft.inject = { going_online: 0, going_offline: -16 }
  })
  t.same(plugged(sized(one, 0)), [33], 'what is offline goes all the same')
})

t.test('QEMU refuses what the device cannot be', async (t) => {
  t.match(requestSize(empty(), 'virtio-mem1', 640 * MiB), { status: 1, words: /cannot exceed/ })
  t.match(requestSize(empty(), 'virtio-mem1', 64 * MiB), { status: 1, words: /multiples of/ })
  t.throws(() => requestSize(empty(), 'virtio-mem0', 0), RangeError)
})

t.test('a reset takes all of it, and the driver plugs in again what was asked for', async (t) => {
  const before = evolve(sized(empty('online_movable'), 256), (draft) => {
    offlineBlock(draft, 32)
  })
  const after = reboot(before)
  t.same(plugged(after), [32, 33])
  t.ok(after.blocks.get(32)?.online, 'online by the policy')
})
