import { dram, GiB, MiB, machine, memoryless, qemu, scenario, shows, withVirtioMem } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), withVirtioMem(memoryless(), 512 * MiB)],
  autoOnline: 'online_movable',
})
const [, empty] = box.nodes

export default scenario('virtio-mem makes an empty node appear in the DRAM tier', {
  why: 'Its driver types no node; the first block of memory does, as everywhere, and the last one takes the node away.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    qemu.requestedSize(empty.virtioMem, 256 * MiB),
    shows({ tiers: { memory_tier4: '0-1' }, online: '0-1', hasMemory: '0-1' }),
    qemu.requestedSize(empty.virtioMem, 512 * MiB),
    qemu.requestedSize(empty.virtioMem, 128 * MiB),
    shows({ tiers: { memory_tier4: '0-1' } }),
    qemu.requestedSize(empty.virtioMem, 0),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
