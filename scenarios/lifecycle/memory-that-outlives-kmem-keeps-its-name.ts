import { daxctl, dram, GiB, machine, modules, ndctl, pmem, scenario, shell, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('memory that outlives kmem keeps its name', {
  why: 'The name in /proc/iomem is kmem’s own string: it is left behind when memory is.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shell("grep ' : System RAM (kmem)$' /proc/iomem"),
    modules.unload('kmem'),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    // What was freed is soon somebody else's.
    shell(`for i in $(seq 50); do cat /proc/self/maps >/dev/null; done
grep ' : System RAM (kmem)$' /proc/iomem`),
  ],
})
