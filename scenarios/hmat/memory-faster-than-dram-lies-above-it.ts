import { dram, GiB, MiB, machine, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB), dram(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 100, bandwidth_mibps: 10240 },
    { initiator: 0, target: 1, latency_ns: 110, bandwidth_mibps: 40960 },
    { initiator: 0, target: 2, latency_ns: 200, bandwidth_mibps: 10240 },
  ],
})

export default scenario('memory faster than DRAM lies above it', {
  why: 'Four times the bandwidth: 576 × 220 / 200 = 633, 633 × 20480 / 81920 = 158, tier 1, which demotes to DRAM.',
  kernels: '>=6.10',
  machine: box,
  steps: [
    shows({
      tiers: { memory_tier1: '1', memory_tier4: '0', memory_tier9: '2' },
      demotion: { 0: '2', 1: '0', 2: '' },
    }),
  ],
})
