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
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(1 * GiB), pmem(1 * GiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10 * 1024 },
    { initiator: 0, target: 1, latency_ns: 20, bandwidth_mibps: 5 * 1024 },
    { initiator: 0, target: 2, latency_ns: 33, bandwidth_mibps: 3 * 1024 },
  ],
})
const [fast, , slow] = box.nodes

export default scenario('pages go down all tiers in the end', {
  why: 'The preferred target is in the next tier; reclaim that goes on takes the pages from there to the slowest.',
  kernels: '>=6.11',
  machine: box,
  steps: [
    numa.demotion(true),
    workload.fill(fast, 32 * MiB),
    refuses(cgroup.reclaim(128 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ demotion: { 0: '1', 1: '' }, pages: { 1: '32' } }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    refuses(cgroup.reclaim(128 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ demotion: { 0: '1', 1: '2', 2: '' }, pages: { 2: '32' } }),
  ],
})
