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

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB), pmem(512 * MiB)] })
const [fast, one, two] = box.nodes

export default scenario('targets at one distance all get pages', {
  why: 'A target is picked at random for each batch of pages, and there are hundreds: none that is preferred is passed over.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ...[one, two].flatMap((node) => [
      ndctl.createNamespace(node, { mode: 'devdax' }),
      daxctl.reconfigureDevice(node, { mode: 'system-ram' }),
    ]),
    numa.demotion(true),
    workload.fill(fast, 128 * MiB),
    refuses(cgroup.reclaim(256 * MiB), { says: 'Resource temporarily unavailable' }),
    shows({ demotion: { 0: '1-2' } }),
    shell(`for node in 1 2; do
  kib=$(awk '$3 == "Shmem:" { print $4 }' /sys/devices/system/node/node$node/meminfo)
  echo $node $kib
  [ "$kib" -gt 0 ] || { echo "node $node has none of the pages" >&2; exit 1; }
done`),
  ],
})
