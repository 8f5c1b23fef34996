import { dram, GiB, MiB, machine, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 100, bandwidth_mibps: 409600 },
    { initiator: 0, target: 1, latency_ns: 1000, bandwidth_mibps: 10240 },
  ],
})

export default scenario('a distance does not overflow', {
  why: '5760 × 819200 has 33 bits. Since 6.17 and 6.12.43 it is divided to 230400, tier 1800; before, 161 came out.',
  kernels: '>=6.11',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0', memory_tier1800: '1' } }, { kernels: '>=6.17' }),
    shows({ tiers: { memory_tier4: '0', memory_tier1800: '1' } }, { kernels: '>=6.12.43 <6.13' }),
    shows({ tiers: { memory_tier4: '0', memory_tier161: '1' } }, { kernels: '<6.12.43' }),
  ],
})
