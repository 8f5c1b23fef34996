import { daxctl, dram, GiB, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB), dram(512 * MiB), pmem(512 * MiB), pmem(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10240 },
    { initiator: 0, target: 2, latency_ns: 20, bandwidth_mibps: 0 },
    { initiator: 0, target: 3, latency_ns: 0, bandwidth_mibps: 3072 },
    { initiator: 0, target: 4, latency_ns: 33, bandwidth_mibps: 3072 },
  ],
})
const [, , , slow, slower] = box.nodes

export default scenario('what HMAT leaves out has the default distance', {
  why: 'Without a row, without bandwidth or without latency there is no answer: boot memory is DRAM, kmem’s is in tier 22.',
  kernels: '>=6.10',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0-2' } }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0-2', memory_tier22: '3' } }),
    ndctl.createNamespace(slower, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slower, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0-2', memory_tier22: '3', memory_tier49: '4' } }),
  ],
})
