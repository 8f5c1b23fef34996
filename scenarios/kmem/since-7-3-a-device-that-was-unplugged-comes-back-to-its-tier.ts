import { dax, daxctl, dram, GiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('since 7.3 a device that was unplugged comes back to its tier', {
  why: 'Unplugging takes the memory and leaves the device bound: the node keeps its type for what is plugged in again.',
  kernels: '>=7.3',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    dax.state(slow, 'unplugged'),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    dax.state(slow, 'online_movable'),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
