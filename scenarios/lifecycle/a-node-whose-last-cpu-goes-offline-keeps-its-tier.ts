import { cpu, dram, MiB, machine, numa, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1024 * MiB, { cpus: '0' }), dram(512 * MiB, { cpus: '1' })] })

export default scenario('a node whose last CPU goes offline keeps its tier', {
  why: 'The kernel notes that the node has no CPU any more (N_CPU), but no change of CPUs is an event for tiers.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0-1' } }),
    cpu.offline(1),
    shows({ tiers: { memory_tier4: '0-1' }, demotion: { 0: '', 1: '' }, online: '0-1' }),
    numa.demotion(true),
    cpu.online(1),
    shows({ tiers: { memory_tier4: '0-1' }, online: '0-1' }),
  ],
})
