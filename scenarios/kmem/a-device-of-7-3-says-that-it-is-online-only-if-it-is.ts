import { daxctl, dram, GiB, inject, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB)], autoOnline: 'online_movable' })
const [, slow] = box.nodes

export default scenario('a device of 7.3 says that it is online only if it is', {
  why: 'Its state is what its memory came to, and not what was asked for.',
  kernels: '>=7.3',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    inject.memoryNotifier('MEM_GOING_ONLINE', 'ENOMEM'),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', noOnline: true, force: true }),
    shows({ tiers: { memory_tier4: '0' }, hasMemory: '0' }),
  ],
})
