import {
  daxctl,
  dram,
  GiB,
  MiB,
  machine,
  memoryless,
  ndctl,
  scenario,
  shows,
  withVirtioPmem,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), withVirtioPmem(memoryless(), 512 * MiB)] })
const [, last] = box.nodes

export default scenario('virtio-pmem memory lands on the last node', {
  why: 'Nothing tells its node: the kernel looks its address up in the SRAT, where QEMU has one entry for all such memory.',
  kernels: '>=6.2',
  machine: box,
  steps: [
    ndctl.createNamespace(last.virtioPmem, { mode: 'devdax' }),
    shows({ online: '0' }),
    daxctl.reconfigureDevice(last.virtioPmem, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(last.virtioPmem, { mode: 'devdax', force: true }),
    ndctl.destroyNamespace(last.virtioPmem, { force: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
