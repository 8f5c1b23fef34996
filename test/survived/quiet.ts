import { dram, MiB, machine, scenario, shows } from '../../harness/index.ts'

/** The least that a run can be. */
export default scenario('quiet', {
  why: 'A guest that does nothing, for what is done to it from outside.',
  kernels: '>=6.1',
  machine: machine({ nodes: [dram(512 * MiB, { cpus: '0' })] }),
  steps: [shows({ tiers: { memory_tier4: '0' } })],
})
