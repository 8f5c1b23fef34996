import { daxctl, dram, GiB, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB, { cpus: '1' }), pmem(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 100, bandwidth_mibps: 10000 },
    { initiator: 1, target: 1, latency_ns: 110, bandwidth_mibps: 9200 },
    { initiator: 0, target: 2, latency_ns: 400, bandwidth_mibps: 5000 },
  ],
})
const [, , slow] = box.nodes

export default scenario('sockets that differ by a tenth may lie in two tiers', {
  why: 'Node 1 counts as DRAM, and is 576 × 220 / 200 = 633, 633 × 20000 / 18400 = 688, tier 5: node 0 demotes to it.',
  kernels: '>=6.11',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0', memory_tier5: '1' }, demotion: { 0: '1', 1: '' } }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    // 576 × 800 / 200 = 2304; × 20000 / 10000 = 4608, the first distance of tier 36.
    shows({ tiers: { memory_tier4: '0', memory_tier5: '1', memory_tier36: '2' }, demotion: { 0: '1', 1: '2', 2: '' } }),
  ],
})
