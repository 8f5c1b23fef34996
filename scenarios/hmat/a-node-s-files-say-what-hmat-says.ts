import { dram, GiB, MiB, machine, scenario, shell, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB), dram(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 1000000, bandwidth_mibps: 10240 },
    { initiator: 0, target: 1, latency_ns: 3000000, bandwidth_mibps: 10240 },
    { initiator: 0, target: 2, latency_ns: 5000000, bandwidth_mibps: 10240 },
  ],
})

export default scenario('a node’s files say what HMAT says', {
  why: 'In nanoseconds, though the table has picoseconds; 5 ms of those do not fit 32 bits, and are 0. So it is on 6.1, too, which makes no tier of it.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0-2' } }, { kernels: '<6.10' }),
    shows({ tiers: { memory_tier4: '0,2', memory_tier13: '1' } }, { kernels: '>=6.10' }),
    shell(`cd /sys/devices/system/node
for is in node0:1000000 node1:3000000 node2:0; do
  for way in read write; do
    file=\${is%:*}/access0/initiators/\${way}_latency
    [ "$(cat $file)" = \${is#*:} ] || { echo "$file: $(cat $file), not \${is#*:}" >&2; exit 1; }
  done
done`),
  ],
})
