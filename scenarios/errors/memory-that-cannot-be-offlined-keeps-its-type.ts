import {
  daxctl,
  dram,
  GiB,
  inject,
  machine,
  memory,
  ndctl,
  pmem,
  refuses,
  scenario,
  shows,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('memory that cannot be offlined keeps its type', {
  why: 'An offlining that fails changes nothing: the device stays system-ram, and the node in its tier.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    inject.memoryNotifier('MEM_GOING_OFFLINE', 'EBUSY'),
    refuses(daxctl.reconfigureDevice(slow, { mode: 'devdax', force: true }), { says: 'failed to offline memory' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    refuses(memory.offline(slow, 0), { says: 'Device or resource busy' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    inject.memoryNotifier('MEM_GOING_OFFLINE', 'none'),
    daxctl.reconfigureDevice(slow, { mode: 'devdax', force: true }),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
