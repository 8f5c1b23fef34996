import type { Kernel } from '../../kernels/index.ts'
import type { Accelerator } from '../machine/accelerator.ts'
import type { Era } from '../model/eras.ts'
import type { Scenario } from '../scenario.ts'
import type { Verdict } from './verdict.ts'

/** What a run is about: a scenario on a kernel. As much of it as a record keeps. */
export interface Subject {
  readonly scenario: Scenario
  readonly file: string
  readonly kernel: Pick<Kernel, 'spec' | 'name' | 'release'>
  readonly era: Pick<Era, 'name'>
  /** Which of its repetitions, from 1; absent where there is one. */
  readonly repetition?: number
}

/** One run to be made. */
export interface Cell extends Subject {
  readonly kernel: Kernel
  readonly era: Era
}

export interface Timings {
  readonly start: number
  readonly steps: number
  readonly observe: number
  readonly total: number
}

/** One run that was made, or skipped with its reason. */
export interface RunResult {
  readonly cell: Subject
  readonly accel: Accelerator
  readonly start: 'boot' | 'restore'
  /** Why a guest that could have been restored was not; empty when it was, or when a boot was asked for. */
  readonly fallback: string
  readonly verdict: Verdict
  readonly timings_ms: Timings
  /** The run's folder; null for a skip, and where none could be made. */
  readonly record: string | null
  /** The line that boots the same guest by hand. */
  readonly command_line: string
  /** Options of `tierlab run` that decide what it shows, its kernel and era aside; absent where there were none. */
  readonly options?: readonly string[]
}

/** What a run tells while it goes. Reports are made of these and of nothing else. */
export type Event =
  | { readonly type: 'note'; readonly sentence: string }
  | { readonly type: 'plan'; readonly cells: readonly Subject[]; readonly accel: readonly Accelerator[] }
  | { readonly type: 'begin'; readonly cell: Subject }
  | {
      readonly type: 'waiting'
      readonly cell: Subject
      readonly step: number
      readonly steps: number
      readonly what: string
    }
  | { readonly type: 'end'; readonly result: RunResult }
  | { readonly type: 'finish'; readonly results: readonly RunResult[]; readonly duration_ms: number }
  /** It cannot go on, or was interrupted: why, in a paragraph. Runs that are not done will not be. */
  | { readonly type: 'stop'; readonly sentence: string }

export type Emit = (event: Event) => void

/** Results in the order of the plan, in whatever order they came. */
export function inPlanOrder(results: readonly RunResult[], cells: readonly Subject[]): RunResult[] {
  return results.toSorted((a, b) => cells.indexOf(a.cell) - cells.indexOf(b.cell))
}
