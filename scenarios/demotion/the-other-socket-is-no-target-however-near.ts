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
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(1 * GiB, { cpus: '1' }), pmem(1 * GiB)],
  distances: `
    node   0   1   2
      0:  10  12  28
      1:  12  10  28
      2:  28  28  10`,
})
const [left, , slow] = box.nodes

export default scenario('the other socket is no target, however near', {
  why: 'Targets are nodes of the next slower tier; a node of the same tier is none, though it is nearer.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    numa.demotion(true),
    workload.fill(left, 32 * MiB),
    refuses(cgroup.reclaim(64 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ demotion: { 0: '2', 1: '2' }, pages: { 2: '32' } }),
  ],
})
