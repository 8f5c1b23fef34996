import {
  dram,
  GiB,
  MiB,
  machine,
  memory,
  memoryless,
  qemu,
  scenario,
  shows,
  withVirtioMem,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), withVirtioMem(memoryless(), 256 * MiB)] })
const [, empty] = box.nodes

export default scenario('virtio-mem that nobody onlines makes no tier', {
  why: 'Its driver adds blocks and leaves them to the policy; blocks that are offline are the first to be taken away.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    qemu.requestedSize(empty.virtioMem, 256 * MiB),
    shows({ tiers: { memory_tier4: '0' }, hasMemory: '0', online: '0-1' }),
    memory.online(empty.virtioMem, 1),
    shows({ tiers: { memory_tier4: '0-1' } }),
    qemu.requestedSize(empty.virtioMem, 128 * MiB),
    shows({ tiers: { memory_tier4: '0-1' }, hasMemory: '0-1' }),
    memory.offline(empty.virtioMem, 1),
    qemu.requestedSize(empty.virtioMem, 0),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
