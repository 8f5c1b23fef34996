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

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB), pmem(1 * GiB)] })
const [, slow, other] = box.nodes

export default scenario('the slowest tier demotes nowhere', {
  why: 'Nodes of one tier are no targets of each other, and reclaim does not promote.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ...[slow, other].flatMap((node) => [
      ndctl.createNamespace(node, { mode: 'devdax' }),
      daxctl.reconfigureDevice(node, { mode: 'system-ram' }),
    ]),
    numa.demotion(true),
    workload.fill(slow, 32 * MiB),
    refuses(cgroup.reclaim(16 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ demotion: { 1: '', 2: '' }, pages: { 1: '32' } }),
  ],
})
