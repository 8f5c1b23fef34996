import { daxctl, dram, GiB, MiB, machine, memory, scenario, shows, softReserved } from '../../harness/index.ts'

const box = machine({ nodes: [dram(2 * GiB, { cpus: '0' }), softReserved(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('daxctl misses the end of a device with a hole', {
  why: 'It takes as many bytes as the device has from its first address on: so it onlines a part of it, and offlines a part.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    daxctl.createDevice(slow, { size: 256 * MiB }),
    daxctl.createDevice(slow, { size: 128 * MiB }),
    daxctl.destroyDevice(slow.dax[1], { force: true }),
    daxctl.createDevice(slow, { size: 512 * MiB }),
    daxctl.reconfigureDevice(slow.dax[1], { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    memory.online(slow.dax[1], 3),
    daxctl.offlineMemory(slow.dax[1]),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' }, hasMemory: '0-1' }),
    memory.offline(slow.dax[1], 3),
    shows({ tiers: { memory_tier4: '0' }, hasMemory: '0' }),
    daxctl.reconfigureDevice(slow.dax[1], { mode: 'devdax' }),
    shows({ online: '0' }),
  ],
})
