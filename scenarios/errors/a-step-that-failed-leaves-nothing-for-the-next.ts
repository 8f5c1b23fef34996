import { daxctl, dram, GiB, inject, MiB, machine, ndctl, pmem, refuses, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB), pmem(512 * MiB)] })
const [, one, two] = box.nodes

export default scenario('a step that failed leaves nothing for the next', {
  why: 'Tests that share a machine may pass or fail by their order; here a failed one is undone by the plain commands, whole.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(one, { mode: 'devdax' }),
    inject.memoryNotifier('MEM_GOING_ONLINE', 'ENOMEM'),
    refuses(daxctl.reconfigureDevice(one, { mode: 'system-ram' }), { says: 'failed to online memory' }),
    inject.memoryNotifier('MEM_GOING_ONLINE', 'none'),
    daxctl.reconfigureDevice(one, { mode: 'devdax' }),
    ndctl.destroyNamespace(one, { force: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    ndctl.createNamespace(two, { mode: 'devdax' }),
    daxctl.reconfigureDevice(two, { mode: 'system-ram' }),
    ndctl.createNamespace(one, { mode: 'devdax' }),
    daxctl.reconfigureDevice(one, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1-2' } }),
  ],
})
