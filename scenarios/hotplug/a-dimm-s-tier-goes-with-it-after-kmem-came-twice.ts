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

export default scenario('a DIMM’s tier goes with it after kmem came twice', {
  why: 'A node leaves the tier that it is in, whatever type its next memory would get.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    qemu.deviceAdd(dimm),
    memory.online(dimm, 0),
    shows({ tiers: { memory_tier4: '0-1' } }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', noOnline: true }),
    daxctl.reconfigureDevice(slow, { mode: 'devdax' }),
    shows({ tiers: { memory_tier4: '0-1' } }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', noOnline: true }),
    shows({ tiers: { memory_tier4: '0-1' } }),
    memory.offline(dimm, 0),
    shows({ tiers: { memory_tier4: '0' }, hasMemory: '0' }),
  ],
})
