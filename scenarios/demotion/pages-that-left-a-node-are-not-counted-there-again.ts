import {
  dram,
  GiB,
  MiB,
  machine,
  memoryless,
  qemu,
  scenario,
  shows,
  withVirtioMem,
  workload,
} from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), withVirtioMem(memoryless(), 256 * MiB)],
  autoOnline: 'online_movable',
})
const [, far] = box.nodes

export default scenario('pages that left a node are not counted there again', {
  why: 'A group’s pages lie where they were moved to, also by its counters, and also once the node has memory again.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    qemu.requestedSize(far.virtioMem, 128 * MiB),
    workload.fill(far, 16 * MiB),
    shows({ pages: { 1: '16' } }),
    qemu.requestedSize(far.virtioMem, 0),
    shows({ pages: { 0: '16' }, hasMemory: '0' }),
    qemu.requestedSize(far.virtioMem, 128 * MiB),
    shows({ pages: { 0: '16' }, hasMemory: '0-1' }),
  ],
})
