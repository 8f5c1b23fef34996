import { dax, daxctl, dram, GiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('unbind and bind again gives the same tier', {
  why: 'A clean removal leaves nothing behind: the type is given back, and the next probe starts anew.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    daxctl.offlineMemory(slow),
    dax.unbind(slow, 'kmem'),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    dax.bind(slow, 'kmem'),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1' }),
    daxctl.onlineMemory(slow),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.offlineMemory(slow),
    dax.unbind(slow, 'kmem'),
    dax.bind(slow, 'device_dax'),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
