import { dax, daxctl, dram, GiB, MiB, machine, refuses, scenario, shows, softReserved } from '../../harness/index.ts'

const box = machine({ nodes: [dram(2 * GiB, { cpus: '0' }), softReserved(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('a device that a driver has is not resized', {
  why: 'Its size is fixed while it is bound; without a driver it shrinks from its end, and grows into what lies behind it.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    daxctl.reconfigureDevice(slow.dax[0], { size: 256 * MiB }),
    daxctl.reconfigureDevice(slow.dax[0], { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    refuses(daxctl.reconfigureDevice(slow.dax[0], { size: 512 * MiB }), { says: 'No such device or address' }),
    daxctl.reconfigureDevice(slow.dax[0], { mode: 'devdax', force: true }),
    refuses(daxctl.reconfigureDevice(slow.dax[0], { size: 128 * MiB }), { says: 'No such device or address' }),
    dax.unbind(slow.dax[0], 'device_dax'),
    daxctl.reconfigureDevice(slow.dax[0], { size: 128 * MiB }),
    refuses(daxctl.reconfigureDevice(slow.dax[0], { size: 129 * MiB }), { says: 'No such device or address' }),
    daxctl.reconfigureDevice(slow.dax[0], { size: 384 * MiB }),
    daxctl.reconfigureDevice(slow.dax[0], { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
