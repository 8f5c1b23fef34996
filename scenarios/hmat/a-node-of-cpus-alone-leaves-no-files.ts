import { dram, GiB, MiB, machine, memoryless, scenario, shell, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), memoryless({ cpus: '1' }), dram(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10240 },
    { initiator: 0, target: 2, latency_ns: 20, bandwidth_mibps: 5120 },
  ],
})

export default scenario('a node of CPUs alone leaves no files', {
  why: 'HMAT names every node, SRAT has no memory of this one, and the kernel ignores the whole table: no node has latencies.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0,2' } }),
    shell('! ls /sys/devices/system/node/node*/access*/initiators/*_latency >&2'),
  ],
})
