import { dram, GiB, MiB, machine, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB, { cpus: '1' }), dram(512 * MiB)],
})

export default scenario('memory at boot is in the DRAM tier', {
  why: 'Without HMAT every node with memory at boot is DRAM, one without CPUs too.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0-2' }, demotion: { 0: '', 1: '', 2: '' }, hasMemory: '0-2', online: '0-2' }),
  ],
})
