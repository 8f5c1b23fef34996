import { daxctl, dram, GiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('no-online leaves the tiers alone', {
  why: 'A bound device whose memory is offline changes no tier; the first block that comes online does.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', noOnline: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1', hasMemory: '0' }),
    daxctl.onlineMemory(slow),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' }, hasMemory: '0-1' }),
    daxctl.offlineMemory(slow),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1', hasMemory: '0' }),
  ],
})
