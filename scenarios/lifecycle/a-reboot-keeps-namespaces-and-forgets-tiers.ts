import {
  daxctl,
  dram,
  GiB,
  guest,
  MiB,
  machine,
  memory,
  ndctl,
  numa,
  pmem,
  scenario,
  shows,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB, 512 * MiB)] })
const [, slow] = box.nodes

export default scenario('a reboot keeps namespaces and forgets tiers', {
  why: 'Labels and namespaces lie in the NVDIMM; kmem’s memory, the type of its node and every setting lie in the kernel.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow.devices[0], { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow.devices[0], { mode: 'system-ram' }),
    numa.demotion(true),
    memory.autoOnline('online'),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' }, demotion: { 0: '1' } }),
    guest.reboot(),
    shows({ tiers: { memory_tier4: '0' }, demotion: { 0: '' }, online: '0' }),
    daxctl.reconfigureDevice(slow.devices[0], { mode: 'system-ram' }),
    ndctl.createNamespace(slow.devices[1], { mode: 'devdax' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
