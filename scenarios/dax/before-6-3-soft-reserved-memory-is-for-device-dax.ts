import { daxctl, dram, GiB, machine, modules, scenario, shows, softReserved } from '../../harness/index.ts'

const box = machine({ nodes: [dram(2 * GiB, { cpus: '0' }), softReserved(1 * GiB, { whole: true })] })
const [, slow] = box.nodes

export default scenario('before 6.3 soft reserved memory is for device_dax', {
  why: 'device_dax takes whatever has no driver, and kmem only what it is told of.',
  kernels: '>=6.1 <6.3',
  machine: box,
  steps: [
    modules.load('kmem'),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    daxctl.reconfigureDevice(slow.dax[0], { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(slow.dax[0], { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
