import {
  daxctl,
  dram,
  GiB,
  MiB,
  machine,
  ndctl,
  pmem,
  qemu,
  scenario,
  shows,
  withVirtioMem,
} from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), withVirtioMem(pmem(512 * MiB), 256 * MiB)],
  autoOnline: 'online_movable',
})
const [, slow] = box.nodes

export default scenario('kmem memory joins a node that virtio-mem typed', {
  why: 'The first memory of a node types it: kmem’s own type is then ignored, and its coming and going change no tier.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    qemu.requestedSize(slow.virtioMem, 128 * MiB),
    shows({ tiers: { memory_tier4: '0-1' } }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', force: true }),
    shows({ tiers: { memory_tier4: '0-1' } }),
    daxctl.reconfigureDevice(slow, { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0-1' } }),
  ],
})
