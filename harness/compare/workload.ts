import { PAGE_BYTES } from '../base/size.ts'
import type { Pages, Workload } from '../model/workload.ts'
import { nodesWithCpu, type World } from '../model/world.ts'
import type { Difference } from './expectation.ts'
import { outside, type PagesByNode, widened } from './pages.ts'
import { residenceDifferences } from './residence.ts'

type Files = Readonly<Record<string, string>>

const STAT = '/sys/fs/cgroup/tierlab/memory.numa_stat'
const VMSTAT = '/proc/vmstat'

export const WORKLOAD_RULES = {
  pages: 'reclaim demotes to preferred targets alone, at least what was asked for (mm/vmscan.c, demote_folio_list)',
  total: 'a page that is demoted is neither lost nor doubled (mm/migrate.c, migrate_pages)',
  promoted:
    'NUMA balancing counts each page that it promotes, and promotes none without its tiering mode (mm/migrate.c, migrate_misplaced_folio)',
  counter: 'each page demoted is counted once, on the node that it leaves (mm/vmscan.c, demote_folio_list)',
} as const

/** Compares where the workload’s pages lie, and what the counters of demotion say about it. */
export function workloadDifferences(world: World, files: Files, previous: Files): Difference[] {
  const { workload } = world
  if (workload === null) {
    const observed = files[STAT]
    return observed === undefined ? [] : [{ path: STAT, expected: '(absent)', observed, rule: WORKLOAD_RULES.total }]
  }
  const after = pagesByNode(workload, files)
  const slack = lateness(world)
  const nodes = [...new Set([...after.keys(), ...workload.pages.keys()])].sort((a, b) => a - b)
  const found = nodes.flatMap((node) => {
    const known = workload.pages.get(node)
    const allowed = known ? widened(known, slack) : { least: 0, most: 0 }
    return outside(`${STAT}, pages of node ${node}`, after.get(node) ?? 0, allowed, WORKLOAD_RULES.pages)
  })
  const sum = [...after.values()].reduce((all, pages) => all + pages, 0)
  const total = widened({ least: workload.total, most: workload.total }, slack)
  return [
    ...found,
    ...outside(`${STAT}, pages of all nodes`, sum, total, WORKLOAD_RULES.total),
    ...counterDifferences(world, workload, files, previous, slack),
    ...residenceDifferences(workload, files, previous, (of) => pagesByNode(workload, of)),
  ]
}

/** Where nothing may have been demoted, no counter moves; else each tells what its node has lost. */
function counterDifferences(
  world: World,
  workload: Workload,
  files: Files,
  previous: Files,
  slack: number,
): Difference[] {
  if (previous[VMSTAT] === undefined) return []
  const [before, after] = [pagesByNode(workload, previous), pagesByNode(workload, files)]
  const rose = (path: string) => demoted(files[path]) - demoted(previous[path])
  const landings = new Set([...world.demoted.values()].flat())
  // A node to which others demote may have got pages as well: then it lost as many more.
  const lost = (node: number): Pages => {
    if (!world.demoted.has(node)) return { least: 0, most: 0 }
    const pages = Math.max(0, (before.get(node) ?? 0) - (after.get(node) ?? 0))
    return widened({ least: pages, most: landings.has(node) ? Number.POSITIVE_INFINITY : pages }, slack)
  }
  const nodes = [...after.keys()]
  const all = nodes.map(lost).reduce((sum, { least, most }) => ({ least: sum.least + least, most: sum.most + most }))
  const up = [...world.promoted.keys()].reduce(
    (sum, node) => sum + Math.max(0, (before.get(node) ?? 0) - (after.get(node) ?? 0)),
    0,
  )
  const promotions = promoted(files[VMSTAT]) - promoted(previous[VMSTAT])
  const allowed = world.promoted.size === 0 ? { least: 0, most: 0 } : widened({ least: up, most: up }, slack)
  return [
    ...outside(`${VMSTAT}, rise of pgpromote_success`, promotions, allowed, WORKLOAD_RULES.promoted),
    ...outside(`${VMSTAT}, rise of pgdemote_*`, rose(VMSTAT), all, WORKLOAD_RULES.counter),
    ...nodes.flatMap((node) => {
      const path = `/sys/devices/system/node/node${node}/vmstat`
      // On 6.1 nodes have no such counters of their own; a node that comes or goes shows none on one side.
      if (![files[path], previous[path]].every((text) => /^pgdemote_/m.test(text ?? ''))) return []
      return outside(`${path}, rise of pgdemote_*`, rose(path), lost(node), WORKLOAD_RULES.counter)
    }),
  ]
}

/**
 * A group's statistics may be late by this many pages: 64 updates for each CPU, and as many that are not added up yet.
 * A page that moves makes several. Source: mm/memcontrol.c, memcg_rstat_updated(), MEMCG_CHARGE_BATCH (6.1).
 */
function lateness(world: World): number {
  const cpus = nodesWithCpu(world).reduce((sum, node) => sum + (world.nodes[node]?.cpus.length ?? 0), 0)
  return 64 * cpus
}

/** Of files in tmpfs, or of a process: a shell that has written a file has had memory of its own. */
export function pagesByNode({ process }: Pick<Workload, 'process'>, files: Files): PagesByNode {
  const [, line = ''] = (process ? /^anon (.*)$/m : /^shmem (.*)$/m).exec(files[STAT] ?? '') ?? []
  return new Map(
    [...line.matchAll(/N(\d+)=(\d+)/g)].map(([, node, bytes]) => [Number(node), Number(bytes) / PAGE_BYTES]),
  )
}

function demoted(text = ''): number {
  return [...text.matchAll(/^pgdemote_\w+ (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
}

function promoted(text = ''): number {
  return Number(/^pgpromote_success (\d+)$/m.exec(text)?.[1] ?? 0)
}
