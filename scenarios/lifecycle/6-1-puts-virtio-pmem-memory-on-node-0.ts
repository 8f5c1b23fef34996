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

export default scenario('6.1 puts virtio-pmem memory on node 0', {
  why: 'Its driver leaves target_node as it was initialized, so that slow memory joins the DRAM tier.',
  kernels: '>=6.1 <6.2',
  machine: box,
  steps: [
    ndctl.createNamespace(last.virtioPmem, { mode: 'devdax' }),
    shows({ online: '0' }),
    daxctl.reconfigureDevice(last.virtioPmem, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    daxctl.reconfigureDevice(last.virtioPmem, { mode: 'devdax', force: true }),
    ndctl.destroyNamespace(last.virtioPmem, { force: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
