import { daxctl, dram, GiB, machine, refuses, scenario, shows, softReserved } from '../../harness/index.ts'

const box = machine({ nodes: [dram(2 * GiB, { cpus: '0' }), softReserved(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('a device too large is refused and leaves a seed', {
  why: 'daxctl has the kernel make a device before it gives it a size; the next that is asked for gets that one, and leaves another.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    refuses(daxctl.createDevice(slow, { size: 2 * GiB }), { says: 'No such device or address' }),
    daxctl.createDevice(slow),
    refuses(daxctl.createDevice(slow), { says: 'No space left on device' }),
    daxctl.reconfigureDevice(slow.dax[1], { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(slow.dax[1], { mode: 'devdax', force: true }),
    refuses(daxctl.destroyDevice(slow.dax[1]), { says: 'is active, specify --force' }),
    daxctl.destroyDevice(slow.dax[1], { force: true }),
    daxctl.destroyDevice(slow.dax[2]),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
