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
  scenario,
  shows,
  withDimms,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(pmem(512 * MiB, 512 * MiB), 128 * MiB)] })
const [, slow] = box.nodes
const [one, other] = slow.devices
const [dimm] = slow.dimms

export default scenario('two devices of kmem leave a node that a DIMM typed', {
  why: 'Each removal gives one count back, and never more than there are: what comes then types the node anew.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    qemu.deviceAdd(dimm),
    memory.online(dimm, 0),
    shows({ tiers: { memory_tier4: '0-1' } }),
    memory.offline(dimm, 0),
    ndctl.createNamespace(one, { mode: 'devdax' }),
    ndctl.createNamespace(other, { mode: 'devdax' }),
    daxctl.reconfigureDevice(one, { mode: 'system-ram', noOnline: true }),
    daxctl.reconfigureDevice(other, { mode: 'system-ram', noOnline: true }),
    dax.unbind(one, 'kmem'),
    dax.unbind(other, 'kmem'),
    dax.bind(one, 'kmem'),
    dax.unbind(one, 'kmem'),
    memory.online(dimm, 0),
    shows({ tiers: { memory_tier4: '0-1' } }),
  ],
})
