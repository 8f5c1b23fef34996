import {
  cycle,
  dax,
  daxctl,
  dram,
  GiB,
  MiB,
  machine,
  memory,
  ndctl,
  pmem,
  scenario,
  shows,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(384 * MiB)], autoOnline: 'online_movable' })
const [, slow] = box.nodes

export default scenario('reconfigurations leave nothing behind', {
  why: 'What kmem, the tiers and memory hotplug allocate for a device goes with it: objects, resources, references.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', noOnline: true, force: true }),
    daxctl.offlineMemory(slow),
    dax.unbind(slow, 'kmem'),
    shows({ tiers: { memory_tier4: '0' } }),
    cycle([dax.bind(slow, 'kmem'), memory.offline(slow, 0), memory.offline(slow, 1), dax.unbind(slow, 'kmem')], {
      times: 400,
    }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
