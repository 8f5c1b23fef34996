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
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(1 * GiB, { cpus: '1' }), pmem(1 * GiB), pmem(1 * GiB)],
  distances: `
    node   0   1   2   3
      0:  10  20  17  28
      1:  20  10  28  17
      2:  17  28  10  28
      3:  28  17  28  10`,
})
const [left, right, near, far] = box.nodes

export default scenario('pages of each socket go to its own pmem', {
  why: 'The preferred target has room, and so no page goes to another node of the slower tier.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(near, { mode: 'devdax' }),
    daxctl.reconfigureDevice(near, { mode: 'system-ram' }),
    ndctl.createNamespace(far, { mode: 'devdax' }),
    daxctl.reconfigureDevice(far, { mode: 'system-ram' }),
    numa.demotion(true),
    workload.fill(left, 16 * MiB),
    workload.fill(right, 48 * MiB),
    shows({ demotion: { 0: '2', 1: '3' }, pages: { 0: '16', 1: '48' } }),
    refuses(cgroup.reclaim(128 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ pages: { 2: '16', 3: '48' } }),
  ],
})
