import {
  dram,
  GiB,
  guest,
  MiB,
  machine,
  memory,
  memoryless,
  qemu,
  scenario,
  shows,
  withDimms,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(memoryless(), 256 * MiB)] })
const [, empty] = box.nodes
const [dimm] = empty.dimms

export default scenario('a DIMM stays through a reboot and is added again', {
  why: 'The kernel finds it among ACPI’s devices at boot, and adds it by the policy of the command line, not by the last that was written.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    memory.autoOnline('online_movable'),
    qemu.deviceAdd(dimm),
    shows({ tiers: { memory_tier4: '0-1' } }),
    guest.reboot(),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1' }),
    memory.online(dimm, 0),
    shows({ tiers: { memory_tier4: '0-1' } }),
    qemu.deviceDel(dimm),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
