import { atOnce, daxctl, dram, GiB, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0-1' }), pmem(512 * MiB), pmem(512 * MiB)] })
const [, one, other] = box.nodes

export default scenario('two nodes come online at once', {
  why: 'Both join one tier, whichever comes first, and the targets are those of both.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(one, { mode: 'devdax' }),
    ndctl.createNamespace(other, { mode: 'devdax' }),
    daxctl.reconfigureDevice(one, { mode: 'system-ram', noOnline: true }),
    daxctl.reconfigureDevice(other, { mode: 'system-ram', noOnline: true }),
    atOnce(daxctl.onlineMemory(one), daxctl.onlineMemory(other)),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1-2' } }),
    atOnce(daxctl.offlineMemory(one), daxctl.offlineMemory(other)),
    shows({ tiers: { memory_tier4: '0' } }),
  ],
})
