import { daxctl, dram, GiB, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB, { cpus: '1' }), pmem(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10240 },
    { initiator: 1, target: 1, latency_ns: 10, bandwidth_mibps: 10240 },
    // Named first, node 1 is the initiator of node 2.
    { initiator: 1, target: 2, latency_ns: 40, bandwidth_mibps: 10240 },
    { initiator: 0, target: 2, latency_ns: 20, bandwidth_mibps: 10240 },
  ],
})
const [, , slow] = box.nodes

export default scenario('the initiator that HMAT names decides', {
  why: '576 × 80 / 20 = 2304, tier 18, from node 1, though node 0 is nearer and would give 1152, tier 9.',
  kernels: '>=6.7',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0-1', memory_tier18: '2' } }),
  ],
})
