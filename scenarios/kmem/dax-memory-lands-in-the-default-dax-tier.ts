import { daxctl, dram, GiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('dax memory lands in the default dax tier', {
  why: 'Without HMAT kmem gives its node MEMTIER_DEFAULT_DAX_ADISTANCE, five times that of DRAM.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0' } }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' }, hasMemory: '0-1', demotion: { 0: '1', 1: '' } }),
    daxctl.reconfigureDevice(slow, { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0' }, hasMemory: '0', online: '0' }),
  ],
})
