import { UsageError } from '../base/errors.ts'
import { PAGE_BYTES } from '../base/size.ts'
import { done, type Outcome } from './outcome.ts'
import { tierOfNode } from './tiers.ts'
import { isAllowedBy, type Pages, requireRoom } from './workload.ts'
import { evolve, nodesWithCpu, nodesWithMemory, type World } from './world.ts'

/** Modes of NUMA balancing. Source: include/linux/sched/sysctl.h, NUMA_BALANCING_* (5.18). */
export const BALANCING = { off: 0, tiering: 2 } as const

/** Starts a process whose memory lies on one node, and which may use all others that have memory by then. */
export function startProcess(world: World, node: number, bytes: number): Outcome {
  if (world.workload !== null) throw new UsageError('There is a workload already: free it first.')
  if (bytes % PAGE_BYTES !== 0 || bytes <= 0) throw new UsageError('A workload is of whole pages.')
  if (nodesWithCpu(world).length !== 1)
    throw new UsageError(
      'A process may run on any CPU: where its memory is promoted to is certain with one node of CPUs.',
    )
  const total = bytes / PAGE_BYTES
  const pages = new Map<number, Pages>([[node, { least: total, most: total }]])
  requireRoom(world, pages)
  return done({ ...world, workload: { pages, total, files: [], process: true, mems: nodesWithMemory(world) } })
}

/**
 * A process uses its memory all the time. In the tiering mode of NUMA balancing a page that is used, and lies below the
 * top tier, is promoted to the node of the CPU that uses it, if the process may have memory there and there is room.
 * Source: kernel/sched/fair.c, should_numa_migrate_memory() (6.1).
 */
export function promote({ world, ...answer }: Outcome): Outcome {
  const flows = promotionFlows(world)
  const after = evolve(world, (draft) => {
    if (draft.workload === null) return
    draft.promoted = flows
    for (const [from, to] of flows) {
      const { least, most } = draft.workload.pages.get(from) ?? NONE
      const had = draft.workload.pages.get(to) ?? NONE
      draft.workload.pages.set(from, NONE)
      draft.workload.pages.set(to, { least: had.least + least, most: had.most + most })
    }
  })
  return { ...answer, world: after }
}

const NONE: Pages = { least: 0, most: 0 }

/** The process goes on using its memory: what was to be promoted has been before. */
export function useMemory(world: World): Outcome {
  if (world.workload?.process !== true) throw new UsageError('There is no process: run one first.')
  if (world.numa_balancing === null)
    throw new UsageError(
      'What the kernel does by itself with memory that is used is not certain: say numa.balancing first.',
    )
  return done(evolve(world, () => {}))
}

/** Sets the mode of NUMA balancing. */
export function setBalancing(world: World, mode: keyof typeof BALANCING): World {
  return evolve(world, (draft) => {
    draft.numa_balancing = BALANCING[mode]
  })
}

/** From each node with pages that are promoted to the node where they go. */
export function promotionFlows(world: World): Map<number, number> {
  const [to] = nodesWithCpu(world)
  const tiers = tierOfNode(world)
  const isBelow = (node: number) => world.top_tier !== null && (tiers.get(node) ?? 0) > world.top_tier
  const from = [...(world.workload?.pages ?? [])].filter(([node, { most }]) => most > 0 && isBelow(node))
  const isOn =
    world.workload?.process === true &&
    world.numa_balancing === BALANCING.tiering &&
    to !== undefined &&
    isAllowedBy(world)(to)
  return new Map(isOn ? from.map(([node]) => [node, to]) : [])
}
