import { z } from 'zod'
import { formatNodeSet } from '../base/node-set.ts'
import { formatSize, MiB, PAGE_BYTES } from '../base/size.ts'
import { done } from '../model/outcome.ts'
import * as promotion from '../model/promotion.ts'
import * as model from '../model/workload.ts'
import { evolve, nodesWithMemory, type World } from '../model/world.ts'
import type { NodeHandle } from '../topology/machine.ts'
import { defineStep, type Step } from './step.ts'

const GROUP = '/sys/fs/cgroup/tierlab'
const NOISE = '/run/noise'

const fill = defineStep({
  verb: 'workload fill',
  args: z.object({ node: z.number().int(), bytes: z.number().int().multipleOf(MiB) }),
  title: ({ node, bytes }) => `fill ${formatSize(bytes)} of node ${node}`,
  // What the group writes is its own: so the shell that writes joins it, and nobody else.
  script: ({ node, bytes }) => `set -e
[ ! -e ${THP} ] || echo never > ${THP}
echo '+memory +cpuset' > /sys/fs/cgroup/cgroup.subtree_control
mkdir -p ${GROUP} /mnt/node${node}
mount -t tmpfs -o size=${bytes},mpol=bind:${node} workload /mnt/node${node}
[ -e ${NOISE} ] || dd if=/dev/urandom of=${NOISE} bs=${MiB - 8} count=1 2>/dev/null
(echo 0 > ${GROUP}/cgroup.procs && ${content(bytes)}) > /mnt/node${node}/file`,
  model: (world, { node, bytes }) => model.fill(world, node, bytes),
})

const intact = defineStep({
  verb: 'workload intact',
  args: z.object({}),
  title: () => 'every file of the workload holds what was written',
  script: (_, { world }) =>
    (world.workload?.files ?? [])
      .map(({ node, pages }) => {
        const sum = `${content(pages * PAGE_BYTES)} | md5sum`
        return `[ "$(md5sum < /mnt/node${node}/file)" = "$(${sum})" ] || { echo node ${node} >&2; exit 1; }`
      })
      .join('\n'),
  model: (world) => done(evolve(world, () => {})),
})

/** Numbered MiBs, each different from all others; noise is read from one place, because making it is slow. */
function content(bytes: number): string {
  return `for i in $(seq ${bytes / MiB}); do printf '%07d\\n' $i; cat ${NOISE}; done`
}

const THP = '/sys/kernel/mm/transparent_hugepage/enabled'

const run = defineStep({
  verb: 'workload run',
  args: z.object({ node: z.number().int(), bytes: z.number().int().multipleOf(MiB) }),
  title: ({ node, bytes }) => `run a process that uses ${formatSize(bytes)} of node ${node}`,
  // khugepaged makes a huge page where most of its pages are: it takes pages from node to node behind NUMA balancing’s
  // back, uncounted, or back to where they came from. Source: mm/khugepaged.c, hpage_collapse_find_target_node() (6.1).
  // The memory of the process is bound by the group until all of it is used: dd has written what it read into it.
  script: ({ node, bytes }, { world }) => `set -e
[ ! -e ${THP} ] || echo never > ${THP}
echo '+memory +cpuset' > /sys/fs/cgroup/cgroup.subtree_control
mkdir -p ${GROUP}
echo ${node} > ${GROUP}/cpuset.mems
(echo 0 > ${GROUP}/cgroup.procs && exec dd if=/dev/zero of=/dev/null bs=${bytes}) </dev/null >/dev/null 2>&1 &
${until(`[ $(sed -n 's/^wchar: //p' /proc/$!/io) -ge ${bytes} ]`)}
echo '${formatNodeSet(nodesWithMemory(world))}' > ${GROUP}/cpuset.mems${awaitPromotion(promotion.startProcess(world, node, bytes).world)}`,
  model: (world, { node, bytes }) => promotion.promote(promotion.startProcess(world, node, bytes)),
})

const use = defineStep({
  verb: 'workload use',
  args: z.object({ seconds: z.number().int() }),
  title: ({ seconds }) => `the process uses its memory for ${seconds} s`,
  script: ({ seconds }) => `sleep ${seconds}`,
  model: (world) => promotion.useMemory(world),
})

/**
 * Lines that wait until what is promoted now has been: for 20 s at most, and then it is seen what has not. The kernel
 * counts a folio in /proc/vmstat after it has moved it (mm/migrate.c, migrate_misplaced_folio()), so for that a moment more.
 */
export function awaitPromotion(world: World): string {
  const [from] = promotion.promotionFlows(world).keys()
  return from === undefined ? '' : `\n${until(`[ $(${mappedOn(from)}) = 0 ]`)}\nsleep 0.3`
}

/**
 * Prints how many pages of what the process uses lie on a node, by its page tables: the group's counts may be late. Its
 * stack, heap and program's data are some pages each, and may stay where they are.
 */
function mappedOn(node: number): string {
  const sum = `{ for (i = 3; i <= NF; i++) if (sub(/^N${node}=/, "", $i)) pages += $i } END { print pages + 0 }`
  return `awk '/ anon=[0-9][0-9][0-9]/ ${sum}' /proc/$(cat ${GROUP}/cgroup.procs)/numa_maps`
}

function until(condition: string): string {
  return `for i in $(seq 400); do ${condition} && break; sleep 0.05; done`
}

const free = defineStep({
  verb: 'workload free',
  args: z.object({}),
  title: () => 'free the workload',
  script: (_, { world }) =>
    [
      ...(world.workload?.process
        ? [`kill $(cat ${GROUP}/cgroup.procs) && ${until(`! grep -q . ${GROUP}/cgroup.procs`)}`]
        : []),
      ...(world.workload?.files ?? []).map(({ node }) => `umount /mnt/node${node}`),
      `rmdir ${GROUP}`,
    ].join(' &&\n'),
  model: (world) => done({ ...world, workload: null }),
})

const reclaim = defineStep({
  verb: 'cgroup reclaim',
  args: z.object({ bytes: z.number().int() }),
  title: ({ bytes }) => `echo ${bytes} > memory.reclaim (${formatSize(bytes)})`,
  // Where all is to go, some pages may stay on the active list for want of fresh counts of both lists, which are added up
  // every 2 s or when somebody reads memory.stat. Source: mm/vmscan.c, prepare_scan_control() and inactive_is_low();
  // mm/memcontrol.c, memory_reclaim() and mem_cgroup_flush_stats_ratelimited() (6.12); seen where CONFIG_LRU_GEN_ENABLED
  // is not set, with one page in 16 left.
  script: ({ bytes }, { world }) => {
    const write = `echo ${bytes} > ${GROUP}/memory.reclaim`
    if (model.reclaim(world, bytes).status === 0) return write
    return `${write} || { read -r _ < ${GROUP}/memory.stat; ${write}; }`
  },
  model: (world, { bytes }) => model.reclaim(world, bytes),
})

const cpusetMems = defineStep({
  verb: 'cgroup cpuset.mems',
  args: z.object({ nodes: z.array(z.number().int()) }),
  title: ({ nodes }) => `echo '${formatNodeSet(nodes)}' > cpuset.mems`,
  script: ({ nodes }, { world }) =>
    `echo '${formatNodeSet(nodes)}' > ${GROUP}/cpuset.mems${awaitPromotion(model.setMems(world, nodes).world)}`,
  model: (world, { nodes }) => promotion.promote(model.setMems(world, nodes)),
})

/** Pages on a node of one's choice, in a control group of their own: a file in tmpfs for each node, or a process. */
export const workload = {
  fill: (node: NodeHandle, bytes: number): Step => fill({ node: node.node, bytes }),
  /** Reads all of it back, and compares its sum with that of what was written. */
  intact: (): Step => intact({}),
  free: (): Step => free({}),
  /** A process that uses all of its memory, again and again, until it is freed. */
  run: (node: NodeHandle, bytes: number): Step => run({ node: node.node, bytes }),
  /** Gives it time, for what must not happen. */
  use: (seconds: number): Step => use({ seconds }),
}

/** Steps on the workload’s control group. */
export const cgroup = {
  reclaim: (bytes: number): Step => reclaim({ bytes }),
  /** Nodes that the group may use from now on; none named allows all. */
  cpusetMems: (...nodes: NodeHandle[]): Step => cpusetMems({ nodes: nodes.map(({ node }) => node) }),
}
