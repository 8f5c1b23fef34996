import { daxctl, dram, GiB, inject, machine, ndctl, pmem, refuses, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('memory that cannot be onlined makes no tier', {
  why: 'An onlining that fails never reaches the tiers; the device stays bound, and works once the cause is gone.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    inject.memoryNotifier('MEM_GOING_ONLINE', 'ENOMEM'),
    refuses(daxctl.reconfigureDevice(slow, { mode: 'system-ram' }), {
      says: 'failed to online memory: Cannot allocate memory',
    }),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1', hasMemory: '0' }),
    inject.memoryNotifier('MEM_GOING_ONLINE', 'none'),
    daxctl.onlineMemory(slow),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
