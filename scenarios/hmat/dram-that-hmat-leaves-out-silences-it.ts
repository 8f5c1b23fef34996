import { daxctl, dram, GiB, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB), pmem(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 0 },
    { initiator: 0, target: 1, latency_ns: 20, bandwidth_mibps: 5120 },
    { initiator: 0, target: 2, latency_ns: 33, bandwidth_mibps: 3072 },
  ],
})
const [, , slow] = box.nodes

export default scenario('DRAM that HMAT leaves out silences it', {
  why: 'Distances are relative to default DRAM, and no bandwidth is said of that: HMAT answers nobody.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0-1' } }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0-1', memory_tier22: '2' } }),
  ],
})
