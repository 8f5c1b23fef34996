import { dram, GiB, MiB, machine, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB), dram(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 1000000, bandwidth_mibps: 10240 },
    { initiator: 0, target: 1, latency_ns: 3000000, bandwidth_mibps: 10240 },
    { initiator: 0, target: 2, latency_ns: 5000000, bandwidth_mibps: 10240 },
  ],
})

export default scenario('a latency too large for HMAT is none', {
  why: '3 × 10^9 picoseconds fit 32 bits, and 576 × 6000000 / 2000000 = 1728 is tier 13; 5 ms do not fit, and are none: DRAM.',
  kernels: '>=6.10',
  machine: box,
  steps: [shows({ tiers: { memory_tier4: '0,2', memory_tier13: '1' } })],
})
