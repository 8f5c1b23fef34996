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

export default scenario('a DIMM keeps its node’s tier when kmem has gone, until it goes itself', {
  why: 'The tier of a node lives until its last block goes offline, whoever typed the node, and has let its type go.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    qemu.deviceAdd(dimm),
    memory.online(dimm, 0),
    daxctl.reconfigureDevice(slow, { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    memory.offline(dimm, 0),
    shows({ tiers: { memory_tier4: '0' }, hasMemory: '0' }),
  ],
})
