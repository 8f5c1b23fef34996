import { daxctl, dram, GiB, machine, ndctl, numa, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(1 * GiB, { cpus: '1' }), pmem(1 * GiB), pmem(1 * GiB)],
  distances: `
    node   0   1   2   3
      0:  10  20  17  28
      1:  20  10  28  17
      2:  17  28  10  28
      3:  28  17  28  10`,
})
const [, , near, far] = box.nodes

export default scenario('each socket demotes to its nearest pmem', {
  why: 'Targets follow node distance, whatever order the nodes came online in.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    numa.demotion(true),
    shows({ tiers: { memory_tier4: '0-1' } }),
    ndctl.createNamespace(far, { mode: 'devdax' }),
    daxctl.reconfigureDevice(far, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0-1', memory_tier22: '3' }, demotion: { 0: '3', 1: '3' } }),
    ndctl.createNamespace(near, { mode: 'devdax' }),
    daxctl.reconfigureDevice(near, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0-1', memory_tier22: '2-3' }, demotion: { 0: '2', 1: '3', 2: '', 3: '' } }),
  ],
})
