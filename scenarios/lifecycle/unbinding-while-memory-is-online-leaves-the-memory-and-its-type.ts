import { dax, daxctl, dram, GiB, machine, memory, ndctl, pmem, refuses, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('unbinding while memory is online leaves the memory and its type', {
  why: 'The memory stays until reboot, in the tier it had; offline it can be, and back online it is in the same tier.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    dax.unbind(slow, 'kmem'),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    refuses(dax.bind(slow, 'kmem'), { says: 'Device or resource busy' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    memory.offline(slow, 0),
    memory.offline(slow, 1),
    memory.offline(slow, 2),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    memory.offline(slow, 3),
    memory.offline(slow, 4),
    memory.offline(slow, 5),
    memory.offline(slow, 6),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1', hasMemory: '0' }),
    memory.online(slow, 2),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    refuses(dax.bind(slow, 'device_dax'), { says: 'Device or resource busy' }),
  ],
})
