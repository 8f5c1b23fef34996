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

export default scenario('demotion stops while its target is offline', {
  why: 'Targets are rebuilt when a node loses its last memory or gains its first, and reclaim follows them.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    numa.demotion(true),
    daxctl.offlineMemory(slow),
    workload.fill(fast, 32 * MiB),
    refuses(cgroup.reclaim(16 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ demotion: { 0: '' }, pages: { 0: '32' } }),
    daxctl.onlineMemory(slow),
    cgroup.reclaim(16 * MiB),
    shows({ demotion: { 0: '1' }, pages: { 0: '0 to 16', 1: '16 to 32' } }),
  ],
})
