import { dax, daxctl, dram, GiB, MiB, machine, refuses, scenario, shows, softReserved } from '../../harness/index.ts'

const box = machine({ nodes: [dram(2 * GiB, { cpus: '0' }), softReserved(1 * GiB)] })
const [, slow] = box.nodes
const [, part] = slow.dax

export default scenario('a device that device_dax could not take once can be offered again', {
  why: 'Memory that was online when kmem was unbound keeps its addresses busy: that is so the second time too, and nothing else.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    daxctl.createDevice(slow, { size: 256 * MiB }),
    daxctl.reconfigureDevice(part, { mode: 'system-ram' }),
    dax.unbind(part, 'kmem'),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    refuses(dax.bind(part, 'device_dax'), { says: 'Device or resource busy' }),
    dax.newId(part, 'device_dax'),
    refuses(dax.bind(part, 'device_dax'), { says: 'Device or resource busy' }),
  ],
})
