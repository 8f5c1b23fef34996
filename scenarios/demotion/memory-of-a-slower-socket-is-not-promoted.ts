import { cpu, dram, GiB, MiB, machine, numa, scenario, shows, workload } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(1 * GiB, { cpus: '1' })],
  distances: [
    [10, 40],
    [40, 10],
  ],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 100, bandwidth_mibps: 10000 },
    { initiator: 1, target: 1, latency_ns: 110, bandwidth_mibps: 9200 },
  ],
})
const [, slower] = box.nodes

export default scenario('memory of a slower socket is not promoted', {
  why: 'All tiers down to the slowest that had a CPU when targets were built are the top, though the CPU that uses the memory is of a faster one.',
  kernels: '>=6.11',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0', memory_tier5: '1' } }),
    cpu.offline(1),
    numa.balancing('tiering'),
    workload.run(slower, 16 * MiB),
    workload.use(3),
    shows({ pages: { 1: '16' } }),
  ],
})
