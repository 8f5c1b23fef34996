import { daxctl, dram, GiB, machine, modules, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('kmem unloads and loads again', {
  why: 'Unloading unbinds every device and drops the reference to the type; a module loaded later types nodes anew.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.offlineMemory(slow),
    modules.unload('kmem'),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    modules.load('kmem'),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
