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
  nodes: [dram(1 * GiB, { cpus: '0' }), pmem(256 * MiB), pmem(1 * GiB)],
  distances: `
    node   0   1   2
      0:  10  17  28
      1:  17  10  40
      2:  28  40  10`,
})
const [fast, near, far] = box.nodes

export default scenario('what does not fit on the target goes to the fallback', {
  why: 'The preferred node takes pages until its watermarks say that it is full; any other node below takes the rest.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(near, { mode: 'devdax' }),
    daxctl.reconfigureDevice(near, { mode: 'system-ram' }),
    ndctl.createNamespace(far, { mode: 'devdax' }),
    daxctl.reconfigureDevice(far, { mode: 'system-ram' }),
    numa.demotion(true),
    workload.fill(fast, 240 * MiB),
    shows({ demotion: { 0: '1' }, pages: { 0: '240' } }),
    refuses(cgroup.reclaim(600 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ pages: { 1: '96 to 128', 2: '112 to 144' } }),
  ],
})
