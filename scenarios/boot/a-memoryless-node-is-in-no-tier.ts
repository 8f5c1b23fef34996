import { daxctl, dram, GiB, machine, memoryless, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), memoryless({ cpus: '1' }), pmem(1 * GiB)] })
const [, , slow] = box.nodes

export default scenario('a memoryless node is in no tier', {
  why: 'A node of CPUs alone is online, and no tier lists it; memory elsewhere does not change that.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0' }, hasMemory: '0', online: '0-1' }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({
      tiers: { memory_tier4: '0', memory_tier22: '2' },
      hasMemory: '0,2',
      online: '0-2',
      demotion: { 0: '2', 2: '' },
    }),
  ],
})
