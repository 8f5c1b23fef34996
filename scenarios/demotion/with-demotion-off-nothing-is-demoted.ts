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

export default scenario('with demotion off nothing is demoted', {
  why: 'Without swap and without demotion there is nothing that reclaim could do with a page in tmpfs.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    workload.fill(fast, 32 * MiB),
    refuses(cgroup.reclaim(16 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ demotion: { 0: '1' }, pages: { 0: '32' } }),
    numa.demotion(true),
    numa.demotion(false),
    refuses(cgroup.reclaim(16 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ pages: { 0: '32' } }),
  ],
})
