import { daxctl, dram, GiB, machine, ndctl, pmem, refuses, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)], autoOnline: 'distribution' })
const [, slow] = box.nodes

export default scenario('Debian 6.12 onlines hot-added memory by itself', {
  why: "The distribution's default is online; daxctl refuses to give memory away that the kernel would put elsewhere than asked.",
  kernels: '>=6.12',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    refuses(daxctl.reconfigureDevice(slow, { mode: 'system-ram' }), {
      says: 'kernel policy will auto-online memory, aborting',
    }),
    shows({ tiers: { memory_tier4: '0' } }),
    refuses(daxctl.reconfigureDevice(slow, { mode: 'system-ram', noOnline: true }), { says: 'kernel policy' }),
    shows({ tiers: { memory_tier4: '0' } }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', noMovable: true }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
