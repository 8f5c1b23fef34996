import {
  daxctl,
  dram,
  GiB,
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

// Poisoned, so that who reads a type that was freed does not find what was there.
const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(pmem(512 * MiB), 128 * MiB)],
  slubDebug: 'FZP',
})
const [, slow] = box.nodes

export default scenario('kmem is unloaded while a DIMM is in its tier', {
  why: 'A memory type must live as long as a tier lists it, and not only as long as the module that made it.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', noOnline: true }),
    qemu.deviceAdd(slow),
    memory.online(slow.dimms[0], 0),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    modules.unload('kmem'),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
