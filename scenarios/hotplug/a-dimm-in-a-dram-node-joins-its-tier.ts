import { dram, GiB, MiB, machine, memory, qemu, scenario, shows, withDimms } from '../../harness/index.ts'

const box = machine({ nodes: [withDimms(dram(1 * GiB, { cpus: '0' }), 256 * MiB)] })
const [main] = box.nodes
const [dimm] = main.dimms

export default scenario('a DIMM in a DRAM node joins its tier', {
  why: 'The node has memory and a type already: more of it is no event for tiers, and its removal is none.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    qemu.deviceAdd(dimm),
    shows({ tiers: { memory_tier4: '0' } }),
    memory.online(dimm, 0),
    memory.online(dimm, 1),
    shows({ tiers: { memory_tier4: '0' } }),
    qemu.deviceDel(dimm),
    shows({ tiers: { memory_tier4: '0' }, hasMemory: '0' }),
  ],
})
