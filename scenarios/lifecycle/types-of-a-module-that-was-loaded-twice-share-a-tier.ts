import { daxctl, dram, GiB, MiB, machine, memory, modules, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB), pmem(512 * MiB)] })
const [, old, fresh] = box.nodes

export default scenario('types of a module that was loaded twice share a tier', {
  why: 'Memory that outlives kmem keeps its old type, and the module makes another of the same distance: one may leave the tier of both.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(old, { mode: 'devdax' }),
    ndctl.createNamespace(fresh, { mode: 'devdax' }),
    daxctl.reconfigureDevice(old, { mode: 'system-ram' }),
    modules.unload('kmem'),
    modules.load('kmem'),
    daxctl.reconfigureDevice(fresh, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1-2' } }),
    daxctl.reconfigureDevice(fresh, { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    memory.offline(old, 0),
    memory.offline(old, 1),
    memory.offline(old, 2),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1' }),
  ],
})
