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

export default scenario('a DIMM lands in the DRAM tier once kmem has gone', {
  why: 'Removing kmem’s memory cleanly gives the type of its node back: what comes then is typed anew.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(slow, { mode: 'devdax', force: true }),
    qemu.deviceAdd(dimm),
    shows({ tiers: { memory_tier4: '0' } }),
    memory.online(dimm, 0),
    shows({ tiers: { memory_tier4: '0-1' } }),
  ],
})
