import { daxctl, dram, GiB, machine, memory, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('memory that comes online by policy finds its node typed', {
  why: 'kmem types the node before it adds memory, so that even blocks which come online inside the probe are dax memory.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    memory.autoOnline('online'),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', noMovable: true }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
