import { dram, GiB, MiB, machine, memory, memoryless, qemu, scenario, shows, withDimms } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(memoryless(), 256 * MiB)] })
const [, empty] = box.nodes
const [dimm] = empty.dimms

export default scenario('a DIMM makes an empty node appear in the DRAM tier', {
  why: 'Nobody types memory that ACPI adds; without HMAT its first block to come online makes it DRAM.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    qemu.deviceAdd(dimm),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1', hasMemory: '0' }),
    memory.online(dimm, 0),
    shows({ tiers: { memory_tier4: '0-1' }, hasMemory: '0-1', demotion: { 0: '', 1: '' } }),
    qemu.deviceDel(dimm),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
