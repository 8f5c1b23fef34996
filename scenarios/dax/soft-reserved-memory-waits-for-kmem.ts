import { daxctl, dram, GiB, machine, memory, modules, scenario, shows, softReserved } from '../../harness/index.ts'

const box = machine({ nodes: [dram(2 * GiB, { cpus: '0' }), softReserved(1 * GiB, { whole: true })] })
const [, slow] = box.nodes

export default scenario('soft reserved memory waits for kmem', {
  why: 'Nobody has to ask for it: kmem takes the device when it is loaded, adds its memory, and leaves it to the policy.',
  kernels: '>=6.3',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    modules.load('kmem'),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1' }),
    memory.online(slow.dax[0], 7),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(slow.dax[0], { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
