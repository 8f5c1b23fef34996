import { daxctl, dram, GiB, MiB, machine, ndctl, numa, pmem, scenario, shows, workload } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('memory that is used is promoted', {
  why: 'In its tiering mode NUMA balancing brings pages below the top tier to the node of the CPU that uses them.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    numa.balancing('off'),
    workload.run(slow, 16 * MiB),
    workload.use(3),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' }, pages: { 1: '16' } }),
    numa.balancing('tiering'),
    shows({ pages: { 0: '16' } }),
    workload.free(),
  ],
})
