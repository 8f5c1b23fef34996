import {
  daxctl,
  dram,
  GiB,
  MiB,
  machine,
  memory,
  qemu,
  scenario,
  shows,
  softReserved,
  withDimms,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(2 * GiB, { cpus: '0' }), withDimms(softReserved(1 * GiB), 128 * MiB)] })
const [, slow] = box.nodes
const [dimm] = slow.dimms

export default scenario('a range too small to hold a block is left out', {
  why: 'kmem adds the other ranges. When they go, nobody counts the one that never came, and before 7.3 the node stays typed: a DIMM lands in kmem’s tier.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    daxctl.createDevice(slow, { size: 64 * MiB }),
    daxctl.createDevice(slow, { size: 64 * MiB }),
    daxctl.destroyDevice(slow.dax[1], { force: true }),
    daxctl.createDevice(slow, { size: 320 * MiB }),
    daxctl.reconfigureDevice(slow.dax[1], { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(slow.dax[1], { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    qemu.deviceAdd(dimm),
    memory.online(dimm, 0),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }, { kernels: '>=6.1 <7.3' }),
    shows({ tiers: { memory_tier4: '0-1' } }, { kernels: '>=7.3' }),
  ],
})
