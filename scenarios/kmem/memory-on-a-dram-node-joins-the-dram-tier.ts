import { daxctl, dramAndPmem, GiB, MiB, machine, ndctl, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dramAndPmem(1 * GiB, { cpus: '0', pmem: [512 * MiB] })] })
const [slow] = box.nodes

export default scenario('memory on a DRAM node joins the DRAM tier', {
  why: 'A node is typed once: kmem memory on a node that is DRAM already makes no tier.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0' }, demotion: { 0: '' } }),
    daxctl.reconfigureDevice(slow, { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0' } }),
  ],
})
