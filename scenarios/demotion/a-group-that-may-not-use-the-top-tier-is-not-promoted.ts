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
  scenario,
  shows,
  workload,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [fast, slow] = box.nodes

export default scenario('a group that may not use the top tier is not promoted', {
  why: 'Promotion keeps to the cpuset of the process, on every kernel; once the cpuset allows it, its memory comes.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    workload.run(slow, 16 * MiB),
    cgroup.cpusetMems(slow),
    numa.balancing('tiering'),
    workload.use(3),
    shows({ pages: { 1: '16' } }),
    cgroup.cpusetMems(fast, slow),
    shows({ pages: { 0: '16' } }),
  ],
})
