import { daxctl, dram, GiB, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB), pmem(512 * MiB)],
  distances: [
    [10, 17, 28],
    [17, 10, 28],
    [28, 28, 10],
  ],
})
const [, near, far] = box.nodes

export default scenario('pmem nodes of one type share a tier', {
  why: 'Every node that kmem types by default joins the same tier, whatever its distance.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(near, { mode: 'devdax' }),
    ndctl.createNamespace(far, { mode: 'devdax' }),
    daxctl.reconfigureDevice(far, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '2' }, demotion: { 0: '2', 2: '' } }),
    daxctl.reconfigureDevice(near, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1-2' }, demotion: { 0: '1', 1: '', 2: '' } }),
    daxctl.reconfigureDevice(near, { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '2' }, demotion: { 0: '2' } }),
  ],
})
