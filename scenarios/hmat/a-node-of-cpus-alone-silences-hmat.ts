import { daxctl, dram, GiB, MiB, machine, memoryless, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), memoryless({ cpus: '1' }), dram(512 * MiB), pmem(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10240 },
    { initiator: 0, target: 2, latency_ns: 20, bandwidth_mibps: 5120 },
    { initiator: 0, target: 3, latency_ns: 33, bandwidth_mibps: 3072 },
  ],
})
const [, , , slow] = box.nodes

export default scenario('a node of CPUs alone silences HMAT', {
  why: 'HMAT names every node, SRAT has no memory of this one, and the kernel ignores a table that names such a node.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0,2' } }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0,2', memory_tier22: '3' } }),
  ],
})
