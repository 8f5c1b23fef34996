import { daxctl, dram, GiB, MiB, machine, scenario, shows, softReserved } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(2 * GiB, { cpus: '0' }), softReserved(1 * GiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10240 },
    { initiator: 0, target: 1, latency_ns: 20, bandwidth_mibps: 5120 },
  ],
})
const [, slow] = box.nodes

export default scenario('soft reserved memory lies where HMAT puts it', {
  why: 'From 6.7 on kmem asks HMAT, which is what firmware describes such memory in; 576 × 2 × 2 = 2304, and 2304 >> 7 = 18.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    daxctl.createDevice(slow, { size: 256 * MiB }),
    daxctl.reconfigureDevice(slow.dax[1], { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier18: '1' }, demotion: { 0: '1' } }, { kernels: '>=6.7' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }, { kernels: '>=6.1 <6.7' }),
  ],
})
