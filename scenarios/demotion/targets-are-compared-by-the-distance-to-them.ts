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
  nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB), pmem(512 * MiB)],
  distances: `
    node   0   1   2
      0:  10  17  28
      1:  20  10  30
      2:  20  30  10`,
})
const [fast, near, far] = box.nodes

export default scenario('targets are compared by the distance to them', {
  why: 'Node 1 is at 17 from node 0 and node 2 at 28; that the way back is 20 from both does not matter.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ...[near, far].flatMap((node) => [
      ndctl.createNamespace(node, { mode: 'devdax' }),
      daxctl.reconfigureDevice(node, { mode: 'system-ram' }),
    ]),
    numa.demotion(true),
    workload.fill(fast, 32 * MiB),
    refuses(cgroup.reclaim(64 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ demotion: { 0: '1' }, pages: { 1: '32' } }),
  ],
})
