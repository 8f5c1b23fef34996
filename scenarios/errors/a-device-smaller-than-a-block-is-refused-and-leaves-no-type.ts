import { daxctl, dram, GiB, MiB, machine, ndctl, pmem, refuses, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(128 * MiB, 512 * MiB)] })
const [small, large] = box.nodes[1].devices

export default scenario('a device smaller than a block is refused and leaves no type', {
  why: 'Alignment leaves no whole memory block; the probe fails before it types the node.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(small, { mode: 'devdax' }),
    refuses(daxctl.reconfigureDevice(small, { mode: 'system-ram' }), { says: 'Invalid argument' }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    daxctl.reconfigureDevice(small, { mode: 'devdax' }),
    ndctl.createNamespace(large, { mode: 'devdax' }),
    daxctl.reconfigureDevice(large, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
