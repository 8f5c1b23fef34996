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

export default scenario('virtio-mem joins the tier of kmem memory that came first', {
  why: 'A node is typed once: its later memory joins it, and keeps its tier when the first has gone.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', force: true }),
    qemu.requestedSize(slow.virtioMem, 256 * MiB),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.offlineMemory(slow),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    qemu.requestedSize(slow.virtioMem, 0),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1' }),
  ],
})
