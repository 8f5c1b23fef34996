import { dram, MiB, machine, scenario, shell, shows } from '../../harness/index.ts'

export default scenario('its clock jumps', {
  why: 'The guest’s time of day is its own affair: neither limits nor verdicts go by it.',
  kernels: '>=6.1',
  machine: machine({ nodes: [dram(512 * MiB, { cpus: '0' })] }),
  steps: [
    shows({ tiers: { memory_tier4: '0' } }),
    shell('date -s @2147472000 >/dev/null; sleep 0.1'),
    shell('[ "$(date +%Y)" = 2038 ]'),
    shell('date -s @946598400 >/dev/null; sleep 0.1'),
    shell('[ "$(date +%Y)" = 1999 ]'),
  ],
})
