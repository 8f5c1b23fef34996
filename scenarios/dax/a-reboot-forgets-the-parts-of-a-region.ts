import { daxctl, dram, GiB, guest, MiB, machine, scenario, shows, softReserved } from '../../harness/index.ts'

const box = machine({ nodes: [dram(2 * GiB, { cpus: '0' }), softReserved(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('a reboot forgets the parts of a region', {
  why: 'How a dynamic region was divided is nowhere but in the kernel; what firmware set aside is there again, whole.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    daxctl.createDevice(slow, { size: 256 * MiB }),
    daxctl.createDevice(slow),
    daxctl.reconfigureDevice(slow.dax[2], { mode: 'system-ram' }),
    guest.reboot(),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    daxctl.createDevice(slow),
    daxctl.reconfigureDevice(slow.dax[1], { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
