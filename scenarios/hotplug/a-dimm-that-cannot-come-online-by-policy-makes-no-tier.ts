import {
  dram,
  GiB,
  inject,
  MiB,
  machine,
  memory,
  memoryless,
  qemu,
  scenario,
  shows,
  withDimms,
} from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(memoryless(), 256 * MiB)],
  autoOnline: 'online_movable',
})
const [, empty] = box.nodes
const [dimm] = empty.dimms

export default scenario('a DIMM that cannot come online by policy makes no tier', {
  why: 'Failing to online the memory that was added is no failure to add it: the DIMM is there, offline, and can be onlined later.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    inject.memoryNotifier('MEM_GOING_ONLINE', 'ENOMEM'),
    qemu.deviceAdd(dimm),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1', hasMemory: '0' }),
    inject.memoryNotifier('MEM_GOING_ONLINE', 'none'),
    memory.online(dimm, 1),
    shows({ tiers: { memory_tier4: '0-1' } }),
    qemu.deviceDel(dimm),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
