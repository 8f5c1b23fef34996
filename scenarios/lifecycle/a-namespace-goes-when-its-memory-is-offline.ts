import { daxctl, dram, GiB, machine, ndctl, pmem, refuses, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('a namespace goes when its memory is offline', {
  why: 'ndctl refuses to destroy a namespace whose memory is online, by force too; with the memory offline the node goes with it.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    refuses(ndctl.destroyNamespace(slow, { force: true }), { says: 'Device or resource busy' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.offlineMemory(slow),
    ndctl.destroyNamespace(slow, { force: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
  ],
})
