import {
  daxctl,
  dram,
  GiB,
  kmemleak,
  MiB,
  machine,
  modules,
  ndctl,
  pmem,
  scenario,
  shows,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(2 * GiB, { cpus: '0' }), pmem(512 * MiB, 512 * MiB)] })
const [first, second] = box.nodes[1].devices

export default scenario('kmem leaks nothing', {
  why: 'Each device takes a reference to the type of its memory and gives it back; kmem keeps the last until it goes.',
  kernels: '>=6.1',
  needs: ['CONFIG_DEBUG_KMEMLEAK'],
  machine: box,
  steps: [
    ndctl.createNamespace(first, { mode: 'devdax' }),
    ndctl.createNamespace(second, { mode: 'devdax' }),
    kmemleak.clear(),
    daxctl.reconfigureDevice(first, { mode: 'system-ram' }),
    daxctl.reconfigureDevice(second, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(first, { mode: 'devdax', force: true }),
    daxctl.reconfigureDevice(second, { mode: 'devdax', force: true }),
    modules.unload('kmem'),
    shows({ tiers: { memory_tier4: '0' } }),
    kmemleak.scan(),
  ],
})
