import { daxctl, dram, GiB, MiB, machine, ndctl, pmem, refuses, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB)], numa: 'off' })
const [, slow] = box.nodes

export default scenario('memory whose node is not known is refused', {
  why: 'With numa=off an NVDIMM has no target_node, and kmem does not guess one: the device stays what it was.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    refuses(daxctl.reconfigureDevice(slow, { mode: 'system-ram' }), { says: 'failed to enable' }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    daxctl.reconfigureDevice(slow, { mode: 'devdax' }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
