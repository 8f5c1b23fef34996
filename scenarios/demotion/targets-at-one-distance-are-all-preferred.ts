import { daxctl, dram, GiB, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB), pmem(512 * MiB), pmem(512 * MiB)],
  distances: [
    [10, 20, 20, 30],
    [20, 10, 20, 30],
    [20, 20, 10, 30],
    [30, 30, 30, 10],
  ],
})
const [, one, two, three] = box.nodes

export default scenario('targets at one distance are all preferred', {
  why: 'Nodes of the next tier that are equally near are preferred together.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(one, { mode: 'devdax' }),
    ndctl.createNamespace(two, { mode: 'devdax' }),
    ndctl.createNamespace(three, { mode: 'devdax' }),
    daxctl.reconfigureDevice(three, { mode: 'system-ram' }),
    shows({ demotion: { 0: '3' } }),
    daxctl.reconfigureDevice(one, { mode: 'system-ram' }),
    daxctl.reconfigureDevice(two, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1-3' }, demotion: { 0: '1-2', 1: '', 2: '', 3: '' } }),
    daxctl.offlineMemory(one),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '2-3' }, demotion: { 0: '2' } }),
    daxctl.offlineMemory(two),
    shows({ demotion: { 0: '3' } }),
  ],
})
