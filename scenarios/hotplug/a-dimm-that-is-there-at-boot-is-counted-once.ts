import {
  daxctl,
  dram,
  GiB,
  guest,
  MiB,
  machine,
  memory,
  ndctl,
  pmem,
  qemu,
  scenario,
  shows,
  withDimms,
} from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(pmem(512 * MiB), 128 * MiB)],
  autoOnline: 'online_movable',
})
const [, slow] = box.nodes
const [dimm] = slow.dimms

export default scenario('a DIMM that is there at boot is counted once', {
  why: 'ACPI adds it before the late initcall, which leaves nodes alone that have a type: its node counts one, and that is what kmem gives back.',
  kernels: '>=6.11',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    qemu.deviceAdd(dimm),
    guest.reboot(),
    shows({ tiers: { memory_tier4: '0-1' } }),
    memory.autoOnline('offline'),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', noOnline: true }),
    daxctl.reconfigureDevice(slow, { mode: 'devdax' }),
    shows({ tiers: { memory_tier4: '0-1' } }),
    memory.offline(dimm, 0),
    shows({ tiers: { memory_tier4: '0' }, hasMemory: '0' }),
  ],
})
