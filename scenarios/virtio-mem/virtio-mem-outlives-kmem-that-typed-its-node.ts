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

export default scenario('virtio-mem outlives kmem that typed its node', {
  why: 'A clean removal by kmem must not make the kernel forget the type of a node that still has memory.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', force: true }),
    qemu.requestedSize(slow.virtioMem, 128 * MiB),
    daxctl.reconfigureDevice(slow, { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    qemu.requestedSize(slow.virtioMem, 0),
    shows({ tiers: { memory_tier4: '0' } }),
  ],
})
