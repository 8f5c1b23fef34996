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

export default scenario('a tier goes with the DIMM that was its last memory', {
  why: 'While kmem is bound its node keeps its type, so that a DIMM alone makes that tier, and takes it away.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', noOnline: true }),
    qemu.deviceAdd(dimm),
    shows({ tiers: { memory_tier4: '0' } }),
    memory.online(dimm, 0),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' }, demotion: { 0: '1' } }),
    qemu.deviceDel(dimm),
    shows({ tiers: { memory_tier4: '0' }, demotion: { 0: '' }, online: '0-1' }),
  ],
})
