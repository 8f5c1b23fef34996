import { daxctl, dram, GiB, MiB, machine, refuses, scenario, shows, softReserved } from '../../harness/index.ts'

const box = machine({ nodes: [dram(2 * GiB, { cpus: '0' }), softReserved(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('what lies outside of whole blocks is lost', {
  why: 'A part of 256 MiB that does not begin at a block has one whole block in it, and one of 64 MiB has none, which kmem refuses.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    daxctl.createDevice(slow, { size: 64 * MiB }),
    daxctl.createDevice(slow, { size: 256 * MiB }),
    refuses(daxctl.reconfigureDevice(slow.dax[1], { mode: 'system-ram' }), { says: 'failed to enable' }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    daxctl.reconfigureDevice(slow.dax[2], { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(slow.dax[2], { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
