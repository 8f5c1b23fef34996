import { dax, daxctl, dram, GiB, machine, ndctl, pmem, refuses, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('since 7.3 a device is unplugged before it is onlined otherwise', {
  why: 'Its state goes from unplugged to a way of being online, and never from one such way to another.',
  kernels: '>=7.3',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    refuses(dax.state(slow, 'online'), { says: 'Device or resource busy' }),
    refuses(dax.state(slow, 'online_kernel'), { says: 'Device or resource busy' }),
    refuses(dax.state(slow, 'online_movable'), { says: 'Device or resource busy' }),
    refuses(dax.state(slow, 'offline'), { says: 'Invalid argument' }),
    dax.state(slow, 'unplugged'),
    dax.state(slow, 'online_movable'),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
