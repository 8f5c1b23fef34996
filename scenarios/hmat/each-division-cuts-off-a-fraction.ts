import { dram, GiB, MiB, machine, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 100, bandwidth_mibps: 9910 },
    { initiator: 0, target: 1, latency_ns: 101, bandwidth_mibps: 1000 },
  ],
})

export default scenario('each division cuts off a fraction', {
  why: '576 × 202 / 200 is 581, not 581.76, and 581 × 19820 / 2000 = 5757, the last but two of tier 44. Bandwidth first, it is 5765, tier 45.',
  kernels: '>=6.11',
  machine: box,
  steps: [shows({ tiers: { memory_tier4: '0', memory_tier44: '1' } })],
})
