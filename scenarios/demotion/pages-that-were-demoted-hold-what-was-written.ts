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

export default scenario('pages that were demoted hold what was written', {
  why: 'Demotion copies a page; so does the way back when the slow memory goes offline.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    numa.demotion(true),
    workload.fill(fast, 32 * MiB),
    refuses(cgroup.reclaim(64 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ pages: { 1: '32' } }),
    workload.intact(),
    daxctl.offlineMemory(slow),
    shows({ tiers: { memory_tier4: '0' }, demotion: { 0: '' }, pages: { 0: '32' } }),
    workload.intact(),
    workload.free(),
    shows({ pages: {} }),
  ],
})
