import {
  dax,
  daxctl,
  dram,
  GiB,
  machine,
  memory,
  modules,
  ndctl,
  pmem,
  refuses,
  scenario,
  shows,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('steps in the wrong order are refused and change nothing', {
  why: 'Each tool and file refuses what does not fit the state, with the error that belongs to it.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    refuses(daxctl.onlineMemory(slow), { says: 'not applicable in devdax mode' }),
    refuses(dax.unbind(slow, 'kmem'), { says: 'nonexistent directory' }),
    modules.load('kmem'),
    refuses(dax.bind(slow, 'kmem'), { says: 'No such device' }),
    refuses(dax.bind(slow, 'device_dax'), { says: 'Device or resource busy' }),
    refuses(dax.unbind(slow, 'kmem'), { says: 'No such device' }),
    refuses(ndctl.destroyNamespace(slow), { says: 'is active, specify --force' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    refuses(daxctl.onlineMemory(slow), { says: 'already online' }),
    refuses(memory.online(slow, 0), { says: 'Invalid argument' }),
    memory.offline(slow, 0),
    refuses(memory.offline(slow, 0), { says: 'Invalid argument' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
