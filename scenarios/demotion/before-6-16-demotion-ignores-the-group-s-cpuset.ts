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

export default scenario('before 6.16 demotion ignores the group’s cpuset', {
  why: 'Reclaim looks at the demotion targets alone, so that pages go to a node which their group may not use.',
  kernels: '>=6.1 <6.16',
  machine: box,
  steps: [
    ndctl.createNamespace(near, { mode: 'devdax' }),
    daxctl.reconfigureDevice(near, { mode: 'system-ram' }),
    ndctl.createNamespace(far, { mode: 'devdax' }),
    daxctl.reconfigureDevice(far, { mode: 'system-ram' }),
    numa.demotion(true),
    workload.fill(fast, 32 * MiB),
    cgroup.cpusetMems(fast, far),
    shows({ demotion: { 0: '1' }, pages: { 0: '32' } }),
    refuses(cgroup.reclaim(128 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ pages: { 1: '32' } }),
  ],
})
