import { daxctl, dram, GiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('persistent memory alone makes no node', {
  why: 'A node of NVDIMMs is possible from boot, and comes online only when kmem adds its memory.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    shows({ online: '0' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', noOnline: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1', hasMemory: '0' }),
    daxctl.reconfigureDevice(slow, { mode: 'devdax' }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
