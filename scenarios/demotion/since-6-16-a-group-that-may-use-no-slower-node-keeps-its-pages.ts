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
  nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB), pmem(1 * GiB)],
  distances: `
    node   0   1   2
      0:  10  17  28
      1:  17  10  28
      2:  28  28  10`,
})
const [fast, near, far] = box.nodes

export default scenario('since 6.16 a group that may use no slower node keeps its pages', {
  why: 'Without an allowed target there is nothing to reclaim; once there is one, all pages go.',
  kernels: '>=6.16',
  machine: box,
  steps: [
    ndctl.createNamespace(near, { mode: 'devdax' }),
    daxctl.reconfigureDevice(near, { mode: 'system-ram' }),
    ndctl.createNamespace(far, { mode: 'devdax' }),
    daxctl.reconfigureDevice(far, { mode: 'system-ram' }),
    numa.demotion(true),
    workload.fill(fast, 32 * MiB),
    cgroup.cpusetMems(fast),
    refuses(cgroup.reclaim(16 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ demotion: { 0: '1' }, pages: { 0: '32' } }),
    cgroup.cpusetMems(),
    refuses(cgroup.reclaim(128 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ pages: { 1: '32' } }),
  ],
})
