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
  refuses,
  scenario,
  shows,
  withDimms,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(pmem(128 * MiB), 128 * MiB)] })
const [, small] = box.nodes
const [dimm] = small.dimms

export default scenario('a DIMM lands in the DRAM tier after a device was refused', {
  why: 'kmem sizes a device before it types the node: what it refuses leaves no type for the memory that comes next.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(small, { mode: 'devdax' }),
    refuses(daxctl.reconfigureDevice(small, { mode: 'system-ram' }), { says: 'Invalid argument' }),
    qemu.deviceAdd(dimm),
    memory.online(dimm, 0),
    shows({ tiers: { memory_tier4: '0-1' } }),
  ],
})
