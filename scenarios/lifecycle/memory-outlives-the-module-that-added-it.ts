import { daxctl, dram, GiB, machine, memory, modules, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('memory outlives the module that added it', {
  why: 'With memory online kmem unloads all the same; the node keeps its type while it has memory, and after.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    modules.unload('kmem'),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    memory.offline(slow, 0),
    memory.online(slow, 0),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    modules.load('kmem'),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
