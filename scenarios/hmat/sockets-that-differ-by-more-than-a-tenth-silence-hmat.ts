import { daxctl, dram, GiB, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB, { cpus: '1' }), pmem(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 100, bandwidth_mibps: 10240 },
    { initiator: 1, target: 1, latency_ns: 111, bandwidth_mibps: 10240 },
    { initiator: 0, target: 2, latency_ns: 330, bandwidth_mibps: 3072 },
  ],
})
const [, , slow] = box.nodes

export default scenario('sockets that differ by more than a tenth silence HMAT', {
  why: '(111 − 100) × 10 is more than 100: there is no default DRAM to compare with, and HMAT answers nobody.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0-1' } }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0-1', memory_tier22: '2' } }),
  ],
})
