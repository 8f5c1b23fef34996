import {
  daxctl,
  dram,
  GiB,
  inject,
  machine,
  memory,
  ndctl,
  pmem,
  refuses,
  scenario,
  shows,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('a failed online by policy leaves a bound device', {
  why: 'kmem ignores that its memory did not come online; the blocks are there, offline, and the node is typed.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    inject.memoryNotifier('MEM_GOING_ONLINE', 'EBUSY'),
    memory.autoOnline('online_movable'),
    refuses(daxctl.reconfigureDevice(slow, { mode: 'system-ram', force: true }), {
      says: 'failed to online memory: Device or resource busy',
    }),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1', hasMemory: '0' }),
    inject.memoryNotifier('MEM_GOING_ONLINE', 'none'),
    memory.online(slow, 1),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
