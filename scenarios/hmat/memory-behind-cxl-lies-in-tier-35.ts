import { daxctl, dram, GiB, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB), pmem(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 80, bandwidth_mibps: 20480 },
    { initiator: 0, target: 1, latency_ns: 250, bandwidth_mibps: 8192 },
    { initiator: 0, target: 2, latency_ns: 250, bandwidth_mibps: 8192 },
  ],
})
const [, , slow] = box.nodes

export default scenario('memory behind CXL lies in tier 35', {
  why: '576 × 500 / 160 = 1800, 1800 × 40960 / 16384 = 4500, and 4500 >> 7 = 35, for boot memory and for kmem’s alike.',
  kernels: '>=6.10',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0', memory_tier35: '1' }, demotion: { 0: '1', 1: '' } }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier35: '1-2' }, demotion: { 0: '1-2', 1: '', 2: '' } }),
  ],
})
