import { daxctl, dram, GiB, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB, 512 * MiB)] })
const [first, second] = box.nodes[1].devices

export default scenario('two devices on one node share its type until the last goes', {
  why: 'The type is counted for each device: taking one away leaves the tier, and the node stays typed until both are gone.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(first, { mode: 'devdax' }),
    ndctl.createNamespace(second, { mode: 'devdax' }),
    daxctl.reconfigureDevice(first, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(second, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(first, { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' }, hasMemory: '0-1' }),
    daxctl.offlineMemory(second),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1' }),
    daxctl.onlineMemory(second),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(second, { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
