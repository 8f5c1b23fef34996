import { daxctl, dram, GiB, machine, memory, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('movable memory comes online by policy', {
  why: 'The policy online_movable puts every block into ZONE_MOVABLE, from which it can go again.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    memory.autoOnline('online_movable'),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', force: true }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    daxctl.reconfigureDevice(slow, { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
