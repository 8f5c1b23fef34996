import { dram, MiB, machine, scenario, shell, shows } from '../../harness/index.ts'

/** 60 MB, well beyond what is kept of a console. */
const FLOOD =
  'line=$(head -c 900 /dev/zero | tr "\\0" x); i=0; while [ $i -lt 3000 ]; do echo "$line"; i=$((i + 1)); done >/dev/kmsg'

export default scenario('floods its console', {
  why: 'A guest may say more than anybody keeps; what it shows is judged all the same.',
  kernels: '>=6.1',
  machine: machine({ nodes: [dram(512 * MiB, { cpus: '0' })] }),
  steps: [shows({ tiers: { memory_tier4: '0' } }), shell(FLOOD), shell('true')],
})
