import { daxctl, dram, GiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)], autoOnline: 'distribution' })
const [, slow] = box.nodes

export default scenario('Debian 6.1 leaves hot-added memory offline', {
  why: "The distribution's default is offline, so that daxctl decides.",
  kernels: '>=6.1 <6.2',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', noOnline: true }),
    shows({ tiers: { memory_tier4: '0' }, hasMemory: '0' }),
  ],
})
