import {
  daxctl,
  dram,
  GiB,
  MiB,
  machine,
  memory,
  ndctl,
  pmem,
  qemu,
  scenario,
  shows,
  withDimms,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(pmem(512 * MiB), 128 * MiB)] })
const [, slow] = box.nodes
const [dimm] = slow.dimms

export default scenario('kmem memory joins the tier of a DIMM that came first', {
  why: 'The first memory of a node types it: kmem’s own type is then ignored, and its coming and going change no tier.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    qemu.deviceAdd(dimm),
    memory.online(dimm, 0),
    shows({ tiers: { memory_tier4: '0-1' } }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0-1' } }),
    daxctl.reconfigureDevice(slow, { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0-1' } }),
  ],
})
