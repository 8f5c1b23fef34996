import { dram, GiB, MiB, machine, memory, memoryless, qemu, scenario, shows, withDimms } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(memoryless(), 256 * MiB, 128 * MiB)],
  autoOnline: 'online_movable',
})
const [, empty] = box.nodes
const [movable, normal] = empty.dimms

export default scenario('a DIMM comes online by policy', {
  why: 'The kernel onlines memory of DIMMs as it does that of kmem: in the zone that the policy names, before it says that it is done.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    qemu.deviceAdd(movable),
    shows({ tiers: { memory_tier4: '0-1' }, hasMemory: '0-1' }),
    memory.autoOnline('online_kernel'),
    qemu.deviceAdd(normal),
    shows({ tiers: { memory_tier4: '0-1' } }),
    qemu.deviceDel(movable),
    shows({ tiers: { memory_tier4: '0-1' }, hasMemory: '0-1' }),
  ],
})
