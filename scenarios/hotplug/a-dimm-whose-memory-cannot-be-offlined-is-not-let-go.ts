import {
  dram,
  GiB,
  inject,
  MiB,
  machine,
  memory,
  memoryless,
  qemu,
  refuses,
  scenario,
  shows,
  withDimms,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(memoryless(), 256 * MiB)] })
const [, empty] = box.nodes
const [dimm] = empty.dimms

export default scenario('a DIMM whose memory cannot be offlined is not let go', {
  why: 'ACPI offlines the blocks before an eject; when that fails it answers that the device is busy, and all stays as it was.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    qemu.deviceAdd(dimm),
    memory.online(dimm, 0),
    inject.memoryNotifier('MEM_GOING_OFFLINE', 'EBUSY'),
    refuses(qemu.deviceDel(dimm), { says: 'ACPI_OST_SC_DEVICE_BUSY' }),
    shows({ tiers: { memory_tier4: '0-1' }, hasMemory: '0-1' }),
    inject.memoryNotifier('MEM_GOING_OFFLINE', 'none'),
    qemu.deviceDel(dimm),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
