import { dram, GiB, MiB, machine, memoryless, qemu, scenario, shows, withVirtioMem } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), withVirtioMem(memoryless(), 256 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10240 },
    { initiator: 0, target: 1, latency_ns: 20, bandwidth_mibps: 5120 },
  ],
  autoOnline: 'online_movable',
})
const [, empty] = box.nodes

export default scenario('virtio-mem goes where HMAT puts its node', {
  why: 'From 6.10 on the first memory of a node that nobody typed asks HMAT; 576 × 2 × 2 = 2304, and 2304 >> 7 = 18.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    qemu.requestedSize(empty.virtioMem, 128 * MiB),
    shows({ tiers: { memory_tier4: '0', memory_tier18: '1' }, demotion: { 0: '1' } }, { kernels: '>=6.10' }),
    shows({ tiers: { memory_tier4: '0-1' } }, { kernels: '<6.10' }),
    qemu.requestedSize(empty.virtioMem, 0),
    shows({ tiers: { memory_tier4: '0' } }),
  ],
})
