import { dram, GiB, MiB, machine, memoryless, qemu, refuses, scenario, shows, withDimms } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(memoryless(), 256 * MiB)] })
const [, empty] = box.nodes
const [dimm] = empty.dimms

export default scenario('a DIMM is plugged in once, and taken out once', {
  why: 'QEMU itself refuses what the machine cannot do; the guest hears nothing of it.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    refuses(qemu.deviceDel(dimm), { says: 'not found' }),
    qemu.deviceAdd(dimm),
    refuses(qemu.deviceAdd(dimm), { says: 'Duplicate device ID' }),
    qemu.deviceDel(dimm),
    qemu.deviceAdd(dimm),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1' }),
  ],
})
