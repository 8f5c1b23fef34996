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

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [fast, slow] = box.nodes

export default scenario('reclaim demotes what was asked for', {
  why: 'At least as many pages go to the slower tier as were asked for; when more is asked for than there is, all go.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    numa.demotion(true),
    workload.fill(fast, 32 * MiB),
    cgroup.reclaim(12 * MiB),
    shows({ demotion: { 0: '1' }, pages: { 0: '0 to 20', 1: '12 to 32' } }),
    refuses(cgroup.reclaim(64 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ pages: { 1: '32' } }),
  ],
})
