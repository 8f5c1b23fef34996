import { dram, GiB, MiB, machine, numa, scenario, shows, workload } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(1 * GiB)],
  distances: [
    [10, 40],
    [40, 10],
  ],
})
const [, far] = box.nodes

export default scenario('memory in the top tier is not promoted', {
  why: 'A slower node of the DRAM tier is as good as its fastest: nothing is promoted from there.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    numa.balancing('tiering'),
    workload.run(far, 16 * MiB),
    workload.use(3),
    shows({ tiers: { memory_tier4: '0-1' }, pages: { 1: '16' } }),
  ],
})
