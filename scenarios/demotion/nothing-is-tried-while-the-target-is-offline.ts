import {
  cgroup,
  daxctl,
  dram,
  GiB,
  MiB,
  machine,
  ndctl,
  numa,
  pmem,
  refuses,
  scenario,
  shell,
  shows,
  workload,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [fast, slow] = box.nodes

export default scenario('nothing is tried while the target is offline', {
  why: 'A node without memory is no target: reclaim does not even try to migrate a page, and so none fails.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    numa.demotion(true),
    daxctl.offlineMemory(slow),
    workload.fill(fast, 32 * MiB),
    shell('grep ^pgmigrate_fail /proc/vmstat > /run/failed'),
    refuses(cgroup.reclaim(16 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ demotion: { 0: '' }, pages: { 0: '32' } }),
    shell(
      'grep ^pgmigrate_fail /proc/vmstat | cmp - /run/failed || { grep ^pgmigrate_fail /proc/vmstat >&2; exit 1; }',
    ),
  ],
})
