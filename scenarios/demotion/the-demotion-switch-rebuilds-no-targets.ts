import { daxctl, dram, GiB, machine, ndctl, numa, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('the demotion switch rebuilds no targets', {
  why: 'Targets exist whether demotion is on or off, and change with memory alone.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    numa.demotion(true),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ demotion: { 0: '1', 1: '' } }),
    numa.demotion(false),
    shows({ demotion: { 0: '1', 1: '' } }),
    daxctl.offlineMemory(slow),
    shows({ tiers: { memory_tier4: '0' }, demotion: { 0: '' } }),
    numa.demotion(true),
    daxctl.onlineMemory(slow),
    shows({ demotion: { 0: '1', 1: '' } }),
  ],
})
