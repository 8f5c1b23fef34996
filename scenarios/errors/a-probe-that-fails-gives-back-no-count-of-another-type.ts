import {
  dax,
  daxctl,
  dram,
  GiB,
  MiB,
  machine,
  memory,
  ndctl,
  pmem,
  qemu,
  refuses,
  scenario,
  shows,
  withDimms,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(pmem(512 * MiB), 128 * MiB)] })
const [, slow] = box.nodes
const [dimm] = slow.dimms

export default scenario('a probe that fails gives back no count of another type', {
  why: 'The node is DRAM by its DIMM; kmem, which is refused its addresses, has counted nothing there and leaves the type alone.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    qemu.deviceAdd(dimm),
    memory.online(dimm, 0),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    dax.unbind(slow, 'kmem'),
    refuses(dax.bind(slow, 'kmem'), { says: 'Device or resource busy' }),
    shows({ tiers: { memory_tier4: '0-1' } }),
    memory.offline(slow, 0),
    memory.offline(slow, 1),
    memory.offline(slow, 2),
    memory.offline(dimm, 0),
    shows({ tiers: { memory_tier4: '0' }, hasMemory: '0' }),
  ],
})
