import { daxctl, dram, GiB, MiB, machine, scenario, shows, softReserved } from '../../harness/index.ts'

const box = machine({ nodes: [dram(2 * GiB, { cpus: '0' }), softReserved(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('parts of a region share its node and tier', {
  why: 'Each dax device of a dynamic region is a device of kmem’s own, on the node of the region.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ online: '0', tiers: { memory_tier4: '0' } }),
    daxctl.createDevice(slow, { size: 256 * MiB }),
    daxctl.createDevice(slow, { size: 512 * MiB }),
    daxctl.reconfigureDevice(slow.dax[1], { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(slow.dax[2], { mode: 'system-ram' }),
    daxctl.reconfigureDevice(slow.dax[1], { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(slow.dax[2], { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    daxctl.destroyDevice(slow.dax[1], { force: true }),
    daxctl.destroyDevice(slow.dax[2], { force: true }),
  ],
})
