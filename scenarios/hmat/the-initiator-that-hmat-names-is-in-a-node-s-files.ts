import { dram, GiB, MiB, machine, scenario, shell, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB, { cpus: '1' }), dram(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10240 },
    { initiator: 1, target: 1, latency_ns: 10, bandwidth_mibps: 10240 },
    // Named first, node 1 is the initiator of node 2.
    { initiator: 1, target: 2, latency_ns: 40, bandwidth_mibps: 10240 },
    { initiator: 0, target: 2, latency_ns: 20, bandwidth_mibps: 10240 },
  ],
})

export default scenario('the initiator that HMAT names is in a node’s files', {
  why: 'Node 1 is, and its latency, though node 0 is nearer: the best is looked for only where none is named. 6.1 makes no tier of it.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0-2' } }, { kernels: '<6.10' }),
    shows({ tiers: { memory_tier4: '0-1', memory_tier18: '2' } }, { kernels: '>=6.10' }),
    shell(`cd /sys/devices/system/node/node2/access0/initiators
[ -e node1 ] && [ ! -e node0 ] && [ "$(cat read_latency)" = 40 ] || { ls >&2; cat read_latency >&2; exit 1; }`),
  ],
})
