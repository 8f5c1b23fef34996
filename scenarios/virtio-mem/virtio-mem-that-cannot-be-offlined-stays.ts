import {
  dram,
  GiB,
  inject,
  MiB,
  machine,
  memoryless,
  qemu,
  refuses,
  scenario,
  shows,
  withVirtioMem,
} from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), withVirtioMem(memoryless(), 256 * MiB)],
  autoOnline: 'online_movable',
})
const [, empty] = box.nodes

export default scenario('virtio-mem that cannot be offlined stays', {
  why: 'The driver passes over a block that it cannot offline, and the node keeps its memory and its tier.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    refuses(qemu.requestedSize(empty.virtioMem, 384 * MiB), { says: 'cannot exceed the memory backend size' }),
    refuses(qemu.requestedSize(empty.virtioMem, 64 * MiB), { says: 'has to be multiples of' }),
    shows({ online: '0' }),
    qemu.requestedSize(empty.virtioMem, 256 * MiB),
    inject.memoryNotifier('MEM_GOING_OFFLINE', 'EBUSY'),
    qemu.requestedSize(empty.virtioMem, 0),
    shows({ tiers: { memory_tier4: '0-1' }, hasMemory: '0-1' }),
    inject.memoryNotifier('MEM_GOING_OFFLINE', 'none'),
    qemu.requestedSize(empty.virtioMem, 128 * MiB),
    shows({ tiers: { memory_tier4: '0-1' } }),
    qemu.requestedSize(empty.virtioMem, 0),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
