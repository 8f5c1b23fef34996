import {
  dax,
  daxctl,
  dram,
  GiB,
  guest,
  MiB,
  machine,
  ndctl,
  pmem,
  refuses,
  scenario,
  shows,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB)] })
const [, slow] = box.nodes

export default scenario('a reboot frees memory that was stuck', {
  why: 'Memory that was online when kmem was unbound can be had again only after a reboot, which clears its type too.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    dax.unbind(slow, 'kmem'),
    refuses(dax.bind(slow, 'kmem'), { says: 'Device or resource busy' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    guest.reboot(),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
