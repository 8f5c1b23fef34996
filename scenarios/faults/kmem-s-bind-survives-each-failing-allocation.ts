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
  qemu,
  scenario,
  shows,
  withDimms,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(pmem(256 * MiB), 128 * MiB)] })
const [, slow] = box.nodes
const [dimm] = slow.dimms
const bind = dax.bind(slow, 'kmem')

/** One more than a bind makes: 125 on 6.1. */
const BEYOND = 150

export default scenario('kmem’s bind survives each failing allocation', {
  why: 'Whichever allocation of dev_dax_kmem_probe() fails, the device is refused and nothing stays: the next try works.',
  kernels: '>=6.1',
  needs: ['CONFIG_FAILSLAB', 'CONFIG_DEBUG_KMEMLEAK'],
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    modules.load('kmem'),
    dax.unbind(slow, 'device_dax'),
    // To name it to kmem is to bind it.
    dax.newId(slow, 'kmem'),
    dax.unbind(slow, 'kmem'),
    // A DIMM that stays offline keeps the node registered: without it any failure there is a BUG_ON().
    qemu.deviceAdd(dimm),
    kmemleak.clear(),
    ...Array.from({ length: BEYOND - 1 }, (_, at) => [
      fault.failNth(bind, at + 1),
      fault.settle(bind, dax.unbind(slow, 'kmem')),
    ]).flat(),
    fault.fewerThan(bind, BEYOND),
    dax.unbind(slow, 'kmem'),
    modules.unload('kmem'),
    shows({ tiers: { memory_tier4: '0' }, hasMemory: '0' }),
    kmemleak.scan(),
    // No failure has left the node typed.
    memory.online(dimm, 0),
    shows({ tiers: { memory_tier4: '0-1' } }),
  ],
})
