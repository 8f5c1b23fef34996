import {
  dax,
  dram,
  fault,
  GiB,
  kmemleak,
  MiB,
  machine,
  memory,
  modules,
  ndctl,
  pmem,
  scenario,
  shows,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(256 * MiB)] })
const [, slow] = box.nodes
const online = memory.online(slow, 0)
const offline = memory.offline(slow, 0)

/** One more than each makes: 71 and 27 on 6.1. */
const BEYOND = { online: 100, offline: 45 }

export default scenario('a block comes and goes though allocations fail', {
  why: 'The tier comes with the first block and goes with the last. When an allocation fails, neither happens by half.',
  kernels: '>=6.1',
  needs: ['CONFIG_FAILSLAB', 'CONFIG_DEBUG_KMEMLEAK'],
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    modules.load('kmem'),
    dax.unbind(slow, 'device_dax'),
    dax.newId(slow, 'kmem'),
    kmemleak.clear(),
    ...Array.from({ length: BEYOND.online - 1 }, (_, at) => [
      fault.failNth(online, at + 1),
      fault.settle(online, offline),
    ]).flat(),
    fault.fewerThan(online, BEYOND.online),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    ...Array.from({ length: BEYOND.offline - 1 }, (_, at) => [
      fault.failNth(offline, at + 1),
      fault.settle(offline, online),
    ]).flat(),
    fault.fewerThan(offline, BEYOND.offline),
    dax.unbind(slow, 'kmem'),
    modules.unload('kmem'),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    kmemleak.scan(),
  ],
})
