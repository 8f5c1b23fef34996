import {
  cgroup,
  daxctl,
  dram,
  GiB,
  MiB,
  machine,
  ndctl,
  numa,
  pmem,
  refuses,
  scenario,
  shows,
  workload,
} from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB), pmem(512 * MiB), pmem(512 * MiB)],
  distances: [
    [10, 20, 20, 30],
    [20, 10, 20, 30],
    [20, 20, 10, 30],
    [30, 30, 30, 10],
  ],
})
const [fast, one, two, three] = box.nodes

export default scenario('pages land on targets at one distance', {
  why: 'One of the preferred nodes is picked at random for each batch; the one farther off gets nothing.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ...[one, two, three].flatMap((node) => [
      ndctl.createNamespace(node, { mode: 'devdax' }),
      daxctl.reconfigureDevice(node, { mode: 'system-ram' }),
    ]),
    numa.demotion(true),
    workload.fill(fast, 32 * MiB),
    refuses(cgroup.reclaim(64 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ demotion: { 0: '1-2' }, pages: { 1: '0 to 32', 2: '0 to 32' } }),
  ],
})
