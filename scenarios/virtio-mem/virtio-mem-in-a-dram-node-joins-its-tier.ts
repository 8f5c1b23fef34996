import { dram, GiB, MiB, machine, qemu, scenario, shows, withVirtioMem } from '../../harness/index.ts'

const box = machine({
  nodes: [withVirtioMem(dram(1 * GiB, { cpus: '0' }), 256 * MiB)],
  autoOnline: 'online_movable',
})
const [main] = box.nodes

export default scenario('virtio-mem in a DRAM node joins its tier', {
  why: 'The node has memory and a type already: neither growing nor shrinking is an event for tiers.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    qemu.requestedSize(main.virtioMem, 256 * MiB),
    shows({ tiers: { memory_tier4: '0' } }),
    qemu.requestedSize(main.virtioMem, 0),
    shows({ tiers: { memory_tier4: '0' }, hasMemory: '0' }),
  ],
})
