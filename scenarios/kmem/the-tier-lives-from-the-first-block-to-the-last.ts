import { daxctl, dram, GiB, machine, memory, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('the tier lives from the first block to the last', {
  why: 'Blocks in between change no tier and rebuild no demotion target.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram', noOnline: true }),
    memory.online(slow, 3),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    memory.online(slow, 0),
    memory.online(slow, 6),
    memory.offline(slow, 3),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    memory.offline(slow, 0),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    memory.offline(slow, 6),
    shows({ tiers: { memory_tier4: '0' } }),
    memory.online(slow, 5),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
