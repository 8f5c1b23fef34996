import type { Subject } from './events.ts'

/** One of several parts of a plan, from 1. */
export interface Shard {
  readonly index: number
  readonly of: number
}

/** What a run took once, in milliseconds. */
export interface Timed {
  readonly kernel: string
  readonly scenario: string
  readonly total_ms: number
}

/**
 * The shard of each cell, from 1: the longest first, each to the shard that has least so far (Graham’s LPT), and among
 * equals to the first. It depends on the plan and the times alone, so that shards that were split apart from each other
 * are all of the plan, and nothing twice.
 */
export function shardsOf(cells: readonly Subject[], of: number, past: readonly Timed[]): number[] {
  const expected = expectedTimes(cells, past)
  const order = [...cells.keys()].sort((a, b) => (expected[b] ?? 0) - (expected[a] ?? 0) || a - b)
  const load = Array.from({ length: of }, () => ({ ms: 0, cells: 0 }))
  const shards = cells.map(() => 1)
  for (const index of order) {
    const least = load.reduce((best, own, at) => {
      const other = load[best] ?? own
      return own.ms < other.ms || (own.ms === other.ms && own.cells < other.cells) ? at : best
    }, 0)
    const mine = load[least]
    if (mine) Object.assign(mine, { ms: mine.ms + (expected[index] ?? 0), cells: mine.cells + 1 })
    shards[index] = least + 1
  }
  return shards
}

/**
 * What each cell may take: as it did on that kernel, else on any (kernels are updated), else as any did; all alike when
 * nothing is known.
 */
function expectedTimes(cells: readonly Subject[], past: readonly Timed[]): number[] {
  const exact = means(past, ({ kernel, scenario }) => `${kernel}\0${scenario}`)
  const anyKernel = means(past, ({ scenario }) => scenario)
  const any = means(past, () => '').get('') ?? 1
  return cells.map(({ kernel, scenario }) => {
    return exact.get(`${kernel.name}\0${scenario.name}`) ?? anyKernel.get(scenario.name) ?? any
  })
}

/** In whole milliseconds: sums of fractions depend on their order. */
function means(past: readonly Timed[], keyOf: (timed: Timed) => string): Map<string, number> {
  const sums = new Map<string, { ms: number; times: number }>()
  for (const timed of past) {
    const { ms, times } = sums.get(keyOf(timed)) ?? { ms: 0, times: 0 }
    sums.set(keyOf(timed), { ms: ms + Math.round(timed.total_ms), times: times + 1 })
  }
  return new Map([...sums].map(([key, { ms, times }]) => [key, Math.round(ms / times)]))
}
