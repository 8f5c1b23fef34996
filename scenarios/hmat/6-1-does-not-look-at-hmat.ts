import { daxctl, dram, GiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(1 * GiB), pmem(1 * GiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10 * 1024 },
    { initiator: 0, target: 1, latency_ns: 20, bandwidth_mibps: 5 * 1024 },
    { initiator: 0, target: 2, latency_ns: 33, bandwidth_mibps: 3 * 1024 },
  ],
})
const [, , slow] = box.nodes

export default scenario('6.1 does not look at HMAT', {
  why: 'Boot memory is DRAM and kmem memory has the default distance, whatever HMAT says.',
  kernels: '>=6.1 <6.7',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0-1' } }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0-1', memory_tier22: '2' }, demotion: { 0: '2', 1: '2', 2: '' } }),
  ],
})
