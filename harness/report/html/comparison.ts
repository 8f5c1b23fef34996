import type { RunResult } from '../../run/events.ts'
import { isExpected } from '../../run/verdict.ts'
import { byNumbers, median } from './order.ts'
import type { Change, Comparison, Entry } from './view/data.ts'
import { timeWords } from './view/words.ts'

/** Slower is what takes both this much longer and so many times as long: guests share their host with others. */
export const SLOWER = { ms: 2000, times: 1.5 } as const

/** An earlier run, without its details. */
export interface Earlier {
  /** Where it is and when it was made, in words. */
  readonly words: string
  readonly results: readonly RunResult[]
}

/** The runs of one cell of today. */
export interface Now {
  readonly key: string
  readonly results: readonly RunResult[]
}

export interface Compared {
  readonly comparison: Comparison
  /** What each cell was then, by its key. */
  readonly earlier: ReadonlyMap<string, string>
  /** What became of each cell that has changed, by its key. */
  readonly changes: ReadonlyMap<string, Change>
}

/**
 * What became of each cell since an earlier run. A cell is known again by its scenario's name and its kernel: the very
 * same, or else the newest that was asked for by the same word (`debian:6.12`), so that an update of the kernel is
 * compared. In this order:
 *
 * - `could not tell`: all of its runs are broken now;
 * - `flaky`: of its runs now, some went as expected and some did not;
 * - `new failure`: none went as expected now, and some did then; or it was not run then, or nothing could be told;
 * - `still failing`: none did, then and now;
 * - `added`: all went as expected, and it was not run then;
 * - `fixed`: all did now, and none then; or some then, and it was run at least as often now. Run less often it is
 *   `flaky`: what shows only sometimes may not have had the time to;
 * - `slower`: as SLOWER says of the medians of runs that passed, which began alike (booted, or restored) under one
 *   accelerator, and where both were repeated, not even the quickest of now is within the median of then.
 *
 * Skips are no runs. The rest is unchanged and has no entry.
 */
export function compare(now: readonly Now[], { words, results }: Earlier): Compared {
  const then = new Then(results)
  const earlier = new Map<string, string>()
  const entries: Entry[] = []
  for (const { key, results: all } of now) {
    const made = runsMade(all)
    const [first] = made
    if (first === undefined) continue
    const before = then.like(first)
    if (before.length > 0) earlier.set(key, countWords(before))
    const change = changeOf(made, before)
    if (change === null) continue
    const { scenario, kernel } = first.cell
    entries.push({ change, key, scenario: scenario.name, kernel: kernel.name, words: wordsOf(change, made, before) })
  }
  const changes = new Map(entries.map(({ key, change }) => [key, change]))
  return { comparison: { with: words, entries, gone: then.gone() }, earlier, changes }
}

function changeOf(now: readonly RunResult[], then: readonly RunResult[]): Change | null {
  if (untold(now)) return 'could not tell'
  const [good, wasGood] = [goodOf(now), goodOf(then)]
  if (good > 0 && good < now.length) return 'flaky'
  if (good === 0) {
    return wasGood > 0 || untold(then) ? 'new failure' : 'still failing'
  }
  if (then.length === 0) return 'added'
  if (wasGood === 0) return untold(then) ? null : 'fixed'
  if (wasGood < then.length) return now.length >= then.length ? 'fixed' : 'flaky'
  return isSlower(now, then) ? 'slower' : null
}

/** Nothing could be told; so it is where nothing was run. */
function untold(results: readonly RunResult[]): boolean {
  return results.every(({ verdict }) => verdict.verdict === 'broken')
}

function isSlower(now: readonly RunResult[], then: readonly RunResult[]): boolean {
  const [first] = now
  const alike = ({ start, accel, verdict }: RunResult) =>
    verdict.verdict === 'pass' && start === first?.start && accel.name === first?.accel.name
  const [times, before] = [now, then].map((results) => results.filter(alike).map(({ timings_ms }) => timings_ms.total))
  if (!times?.length || !before?.length) return false
  const [middle, was] = [median(times), median(before)]
  const repeated = times.length > 1 && before.length > 1
  if (repeated && Math.min(...times) <= was) return false
  return middle - was >= SLOWER.ms && middle >= SLOWER.times * was
}

function wordsOf(change: Change, now: readonly RunResult[], then: readonly RunResult[]): string {
  const middle = (results: readonly RunResult[]) => timeWords(median(results.map(({ timings_ms }) => timings_ms.total)))
  if (change === 'slower') return `${middle(then)} → ${middle(now)}`
  return then.length === 0 ? `not run → ${countWords(now)}` : `${countWords(then)} → ${countWords(now)}`
}

/** `fail`, or `19 pass, 1 fail` of what was repeated. */
function countWords(results: readonly RunResult[]): string {
  const counts = new Map<string, number>()
  for (const { verdict } of results) counts.set(verdict.verdict, (counts.get(verdict.verdict) ?? 0) + 1)
  if (results.length === 1) return results[0]?.verdict.verdict ?? ''
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}

/** The runs of then, by scenario and kernel; it remembers which were asked for. */
class Then {
  readonly #cells = new Map<string, RunResult[]>()
  readonly #met = new Set<string>()

  constructor(results: readonly RunResult[]) {
    for (const result of runsMade(results)) {
      const key = cellKey(result)
      this.#cells.set(key, [...(this.#cells.get(key) ?? []), result])
    }
  }

  like(result: RunResult): readonly RunResult[] {
    const { scenario, kernel } = result.cell
    const same = cellKey(result)
    const akin = [...this.#cells].filter(
      ([, [one]]) => one?.cell.scenario.name === scenario.name && one.cell.kernel.spec === kernel.spec,
    )
    const key = this.#cells.has(same)
      ? same
      : akin
          .map(([name]) => name)
          .sort(byNumbers)
          .at(-1)
    if (key !== undefined) this.#met.add(key)
    return this.#cells.get(key ?? '') ?? []
  }

  gone(): string[] {
    return [...this.#cells]
      .filter(([key]) => !this.#met.has(key))
      .map(([, [one]]) => `${one?.cell.scenario.name} on ${one?.cell.kernel.name}`)
  }
}

function cellKey({ cell }: RunResult): string {
  return `${cell.scenario.name}\0${cell.kernel.name}`
}

function runsMade(results: readonly RunResult[]): RunResult[] {
  return results.filter(({ verdict }) => verdict.verdict !== 'skip')
}

function goodOf(results: readonly RunResult[]): number {
  return results.filter(({ verdict }) => isExpected(verdict)).length
}
