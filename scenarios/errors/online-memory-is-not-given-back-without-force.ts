import { daxctl, dram, GiB, machine, ndctl, pmem, refuses, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('online memory is not given back without force', {
  why: 'daxctl refuses to make a device devdax while its memory is online, and says so by its exit status.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    refuses(daxctl.reconfigureDevice(slow, { mode: 'devdax' }), { says: 'Device or resource busy' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.offlineMemory(slow),
    daxctl.reconfigureDevice(slow, { mode: 'devdax' }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
