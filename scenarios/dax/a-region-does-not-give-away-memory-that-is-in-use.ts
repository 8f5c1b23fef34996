import { daxctl, dram, GiB, MiB, machine, scenario, shows, softReserved } from '../../harness/index.ts'

const box = machine({ nodes: [dram(3 * GiB, { cpus: '0' }), softReserved(1 * GiB)] })
const [, far] = box.nodes

export default scenario('a region does not give away memory that is in use', {
  why: 'Memory that kmem had to leave behind is not free, though its dax device has gone.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    daxctl.createDevice(far, { size: 256 * MiB }),
    daxctl.createDevice(far, { size: 256 * MiB }),
    daxctl.reconfigureDevice(far.dax[1], { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.destroyDevice(far.dax[1], { force: true }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' }, hasMemory: '0-1' }),
  ],
})
