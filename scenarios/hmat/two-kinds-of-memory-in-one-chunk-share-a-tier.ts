import { daxctl, dram, GiB, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB), pmem(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10240 },
    { initiator: 0, target: 1, latency_ns: 20, bandwidth_mibps: 5120 },
    { initiator: 0, target: 2, latency_ns: 20, bandwidth_mibps: 5000 },
  ],
})
const [, slow, slower] = box.nodes

export default scenario('two kinds of memory in one chunk share a tier', {
  why: '1152 × 20480 / 10240 = 2304 and 1152 × 20480 / 10000 = 2359 are two types of tier 18, and either may leave it first.',
  kernels: '>=6.7',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    ndctl.createNamespace(slower, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slower, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier18: '1-2' }, demotion: { 0: '1-2', 1: '', 2: '' } }),
    daxctl.offlineMemory(slow),
    shows({ tiers: { memory_tier4: '0', memory_tier18: '2' } }),
    daxctl.onlineMemory(slow),
    daxctl.offlineMemory(slower),
    shows({ tiers: { memory_tier4: '0', memory_tier18: '1' } }),
    daxctl.offlineMemory(slow),
    shows({ tiers: { memory_tier4: '0' } }),
  ],
})
