import { daxctl, dram, GiB, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB), pmem(512 * MiB)] })
const [, first, second] = box.nodes

export default scenario('a tier goes with the last of its nodes', {
  why: 'A node that joins a tier is in that one, so that it takes the tier along when it is the last to go.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(first, { mode: 'devdax' }),
    ndctl.createNamespace(second, { mode: 'devdax' }),
    daxctl.reconfigureDevice(first, { mode: 'system-ram' }),
    daxctl.reconfigureDevice(second, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1-2' } }),
    daxctl.offlineMemory(first),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '2' } }),
    daxctl.offlineMemory(second),
    shows({ tiers: { memory_tier4: '0' } }),
  ],
})
