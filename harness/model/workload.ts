import { UsageError } from '../base/errors.ts'
import { BLOCK_BYTES, formatSize, PAGE_BYTES } from '../base/size.ts'
import { nearestOf } from './demotion.ts'
import { done, type Outcome, refused, STRERROR } from './outcome.ts'
import { evolve, nodesWithMemory, type World } from './world.ts'

/** How many pages there may be: the kernel is free to move more than it was asked for. */
export interface Pages {
  readonly least: number
  readonly most: number
}

/**
 * Pages that a scenario put into memory, in a control group of their own: files in tmpfs, one for each node filled; or the
 * memory of a process that uses all of it, again and again.
 */
export interface Workload {
  /** By node. A node that is not in here has none and never had. */
  pages: Map<number, Pages>
  total: number
  /** What was filled, one file for a node. */
  files: { readonly node: number; readonly pages: number }[]
  process: boolean
  /** The group's `cpuset.mems`; null while it is empty, which allows every node. */
  mems: readonly number[] | null
}

/** Puts pages onto one node. It must have room for twice as many, so that nobody but the scenario reclaims. */
export function fill(world: World, node: number, bytes: number): Outcome {
  const workload: Workload = world.workload ?? { pages: new Map(), total: 0, files: [], process: false, mems: null }
  if (workload.process) throw new UsageError('The group has a process already: free it first.')
  if (workload.mems !== null) throw new UsageError('Fill every node before the group’s cpuset.mems is set.')
  if (bytes % PAGE_BYTES !== 0 || bytes <= 0) throw new UsageError('A workload is of whole pages.')
  if (workload.files.some((file) => file.node === node)) throw new UsageError(`Node ${node} has been filled already.`)
  const pages = bytes / PAGE_BYTES
  const filled = plus(workload.pages, node, { least: pages, most: pages })
  requireRoom(world, filled)
  return done({
    ...world,
    workload: {
      ...workload,
      ...{ pages: filled, total: workload.total + pages, files: [...workload.files, { node, pages }] },
    },
  })
}

/**
 * Sets the group's `cpuset.mems`. No page moves: nobody is in the group, and files are not migrated.
 * Source: kernel/cgroup/cpuset.c, update_nodemask() (6.1).
 */
export function setMems(world: World, mems: readonly number[]): Outcome {
  if (world.workload === null) throw new UsageError('There is no group yet: fill a node first.')
  const unknown = mems.find((node) => world.nodes[node] === undefined)
  const there = [...world.workload.pages].find(([node, { most }]) => most > 0 && !mems.includes(node))
  if (world.workload.process && there)
    throw new UsageError(`The process has memory on node ${there[0]}, which would be migrated: allow that node too.`)
  if (unknown !== undefined) throw new UsageError(`There is no node ${unknown} in this machine.`)
  return done(
    evolve(world, (draft) => {
      if (draft.workload) draft.workload.mems = mems.length === 0 ? null : [...mems]
    }),
  )
}

/**
 * Asks for the group's reclaim. Without swap, a page in tmpfs can only be demoted, and what is demoted counts as
 * reclaimed. At least as much goes as was asked for; when there is less, all of it goes, and the answer is EAGAIN.
 * Whoever asks for an amount of which it is not certain that it is there, or not, cannot know the answer.
 * Source: mm/memcontrol.c, memory_reclaim(); mm/vmscan.c, can_reclaim_anon_pages() and demote_folio_list() (6.1).
 */
export function reclaim(world: World, bytes: number): Outcome {
  const { workload } = world
  if (workload === null) throw new UsageError('There is no workload to reclaim: fill a node first.')
  if (workload.process) throw new UsageError('How much of what a process uses is reclaimed is not certain.')
  const flows = demotionFlows(
    world,
    [...workload.pages].flatMap(([node, { most }]) => (most > 0 ? [node] : [])),
  )
  const again = (after: World) => refused(after, 1, STRERROR.EAGAIN)
  if (flows.size === 0) return again(evolve(world, () => {}))
  const asked = bytes / PAGE_BYTES
  const sources = [...flows.keys()].map((node) => ({ node, had: workload.pages.get(node) ?? NONE }))
  const sum = (of: (source: { node: number; had: Pages }) => number) => sources.reduce((all, it) => all + of(it), 0)
  const everything = asked > sum(({ node, had }) => had.most * depth(flows, node))
  const certain = sum(({ had }) => had.least)
  if (!everything && asked > certain)
    throw new UsageError(
      `Whether ${formatSize(bytes)} can be demoted is not certain here: ask for at most ${formatSize(certain * PAGE_BYTES)}, or for more than there is.`,
    )
  let pages = workload.pages
  for (const { node, had } of sources) {
    const landings = everything ? ends(flows, node) : reachable(flows, node)
    // Of one source that demotes to the slowest tier, what was asked for is certain to be gone.
    const gone = everything ? had.least : sources.length === 1 ? asked : 0
    const left = everything ? 0 : Math.max(0, had.most - gone)
    pages = new Map(pages).set(node, { least: 0, most: left + ((pages.get(node) ?? NONE).most - had.most) })
    for (const landing of landings)
      pages = plus(pages, landing, { least: landings.length === 1 ? gone : 0, most: had.most })
  }
  pages = tightened(everything ? spilled(world, flows, pages) : pages, workload.total)
  requireRoom(world, pages, new Set(flows.keys()))
  const after: World = { ...world, workload: { ...workload, pages }, demoted: flows }
  return everything ? again(after) : done(after)
}

/**
 * Memory of a node goes offline: its pages move to other nodes with memory. While the node keeps other memory it is
 * not known how many those are. Source: mm/memory_hotplug.c, do_migrate_range() (6.1).
 */
export function migrateAway(draft: World, node: number): void {
  const had = draft.workload?.pages.get(node)
  if (draft.workload === null || had === undefined || had.most === 0) return
  const others = nodesWithMemory(draft).filter((other) => other !== node)
  const empty = !nodesWithMemory(draft).includes(node)
  let pages = new Map(draft.workload.pages).set(node, { least: 0, most: empty ? 0 : had.most })
  const least = empty && others.length === 1 ? had.least : 0
  for (const other of others) pages = plus(pages, other, { least, most: had.most })
  draft.workload = { ...draft.workload, pages: tightened(pages, draft.workload.total) }
}

const NONE: Pages = { least: 0, most: 0 }

/** From each node that may have pages, at first or on the way, to where it demotes: to one of its preferred nodes. */
function demotionFlows(world: World, from: readonly number[]): Map<number, number[]> {
  const flows = new Map<number, number[]>()
  if (!world.demotion_enabled) return flows
  const open = [...from]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const landings = landingsOf(world, node)
    if (flows.has(node) || landings.length === 0) continue
    flows.set(node, landings)
    open.push(...landings)
  }
  return flows
}

/** Where a page of the node may be demoted to, as far as the group's `cpuset.mems` has a say. */
function landingsOf(world: World, node: number): number[] {
  const { preferred = [], fallback = [] } = world.targets.get(node) ?? {}
  const isAllowed = isAllowedBy(world)
  const landings = () => {
    switch (world.era.demotion_heeds_cpuset) {
      case 'no':
        return preferred.flat()
      case 'one-target':
        return preferred.flat().some(isAllowed) ? preferred.flat() : []
      case 'every-page':
        return preferred.flatMap((set) =>
          set.some(isAllowed) ? set.filter(isAllowed) : nearestOf(world, node, fallback.filter(isAllowed)),
        )
    }
  }
  return [...new Set(landings())].sort((a, b) => a - b)
}

/**
 * Nodes that the group may use: those of `cpuset.mems` that have memory, or all when none has.
 * Source: kernel/cgroup/cpuset.c, effective_mems (6.1).
 */
export function isAllowedBy(world: World): (node: number) => boolean {
  const withMemory = nodesWithMemory(world)
  const effective = withMemory.filter((node) => world.workload?.mems?.includes(node) ?? true)
  const nodes = effective.length === 0 ? withMemory : effective
  return (node) => nodes.includes(node)
}

/** How often a page of the node can be demoted. Targets lie in slower tiers, so that there is an end. */
function depth(flows: ReadonlyMap<number, readonly number[]>, node: number): number {
  const landings = flows.get(node)
  return landings === undefined ? 0 : 1 + Math.max(...landings.map((landing) => depth(flows, landing)))
}

function reachable(flows: ReadonlyMap<number, readonly number[]>, node: number): number[] {
  return [...new Set((flows.get(node) ?? []).flatMap((landing) => [landing, ...reachable(flows, landing)]))]
}

/** Where all pages of a node come to rest. */
function ends(flows: ReadonlyMap<number, readonly number[]>, node: number): number[] {
  return reachable(flows, node).filter((landing) => !flows.has(landing))
}

export function plus(pages: ReadonlyMap<number, Pages>, node: number, more: Pages): Map<number, Pages> {
  const had = pages.get(node) ?? NONE
  return new Map(pages).set(node, { least: had.least + more.least, most: had.most + more.most })
}

/** No page is lost: what cannot be elsewhere is here, and what must be elsewhere is not. */
function tightened(pages: ReadonlyMap<number, Pages>, total: number): Map<number, Pages> {
  const sum = (of: (pages: Pages) => number) => [...pages.values()].reduce((all, each) => all + of(each), 0)
  const [least, most] = [sum((each) => each.least), sum((each) => each.most)]
  return new Map(
    [...pages].map(([node, each]): [number, Pages] => [
      node,
      {
        least: Math.max(each.least, total - (most - each.most)),
        most: Math.min(each.most, total - (least - each.least)),
      },
    ]),
  )
}

/**
 * A target that is full sends pages elsewhere: of one source with one target, what does not fit goes to the other node
 * below that the group may use. Three quarters of a node always fit; how much more does is the watermarks' business.
 * Source: mm/vmscan.c, alloc_demote_page() (6.1).
 */
function spilled(
  world: World,
  flows: ReadonlyMap<number, readonly number[]>,
  pages: ReadonlyMap<number, Pages>,
): ReadonlyMap<number, Pages> {
  const [[source, targets] = [0, []], ...others] = flows
  const [target] = targets
  if (target === undefined || targets.length > 1 || others.length > 0) return pages
  const { least, most } = pages.get(target) ?? NONE
  const room = (onlineBlocks(world, target) * BLOCK_BYTES) / PAGE_BYTES
  if (most <= room / 2) return pages
  const isAllowed = world.era.demotion_heeds_cpuset === 'every-page' ? isAllowedBy(world) : () => true
  const rest = (world.targets.get(source)?.fallback ?? []).filter((node) => node !== target && isAllowed(node))
  const [other] = rest
  if (other === undefined || rest.length > 1)
    throw new UsageError(`Where pages go that do not fit on node ${target} is certain with just one more node below.`)
  const sure = Math.floor((room * 3) / 4)
  return plus(new Map(pages).set(target, { least: Math.min(least, sure), most: Math.min(most, room) }), other, {
    least: Math.max(0, least - room),
    most: Math.max(0, most - sure),
  })
}

function onlineBlocks(world: World, node: number): number {
  return [...world.blocks.values()].filter((block) => block.node === node && block.online).length
}

/** Beyond half of a node kswapd may begin to reclaim too: only a target that is full on purpose may have more. */
export function requireRoom(world: World, pages: ReadonlyMap<number, Pages>, sources = new Set<number>()): void {
  for (const [node, { most }] of pages) {
    const blocks = onlineBlocks(world, node)
    const isFull = sources.size > 0 && !sources.has(node) && most * PAGE_BYTES === blocks * BLOCK_BYTES
    if (most * PAGE_BYTES > (blocks * BLOCK_BYTES) / 2 && !isFull)
      throw new UsageError(`A workload may take half of a node at most, and node ${node} has ${blocks} blocks online.`)
  }
}
