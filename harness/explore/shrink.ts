import type { Era } from '../model/eras.ts'
import { retake } from './compose.ts'
import { machineCuts, type Setup } from './machine-cuts.ts'

/** Makes runs of several setups, and says of each whether it fails the same way, and at which step. */
export type Fails = (setups: readonly Setup[]) => Promise<readonly (number | null)[]>

export interface ShrinkOptions {
  readonly era: Era
  readonly fails: Fails
  /** How many runs may be made, and how many of them on machines that must be booted first. */
  readonly budget: { readonly runs: number; readonly boots: number }
}

export interface Shrunk extends Setup {
  readonly runs: number
  readonly boots: number
}

/**
 * Makes a failing setup smaller: steps first, which run from the checkpoint that is there, then the machine, of which each
 * cut must boot. A cut is kept when a guest fails on it the same way; the model decides before what can be a scenario at all.
 */
export async function shrink(setup: Setup, { era, fails, budget }: ShrinkOptions): Promise<Shrunk> {
  let left = budget.runs
  let boots = 0
  const isPossible = ({ machine, steps }: Setup) => retake(machine, era, steps) !== null
  const first = async (candidates: readonly Setup[], bootsEach: boolean): Promise<Setup | null> => {
    // A few at a time: on several cores they are made together, and the first that fails is all that is asked for.
    for (let from = 0; from < candidates.length; from += AT_ONCE) {
      const room = Math.min(left, bootsEach ? budget.boots - boots : Number.POSITIVE_INFINITY)
      const some = candidates.slice(from, from + Math.min(AT_ONCE, room))
      if (some.length === 0) return null
      left -= some.length
      if (bootsEach) boots += some.length
      const answers = await fails(some)
      const index = answers.findIndex((step) => step !== null)
      const found = some[index]
      if (found !== undefined) return { ...found, steps: found.steps.slice(0, answers[index] ?? found.steps.length) }
    }
    return null
  }
  const steps = async (from: Setup): Promise<Setup> => {
    let current = from
    for (let size = Math.max(1, Math.floor(current.steps.length / 2)); size >= 1; ) {
      const candidates = stepCuts(current, size).filter(isPossible)
      const found = await first(candidates, false)
      if (found !== null) current = found
      else if (size === 1) break
      else size = Math.floor(size / 2)
    }
    return current
  }
  let current = await steps(setup)
  for (let found: Setup | null = current; found !== null; ) {
    found = await first(machineCuts(current).filter(isPossible), true)
    if (found !== null) current = found
  }
  // A simpler machine may need fewer steps.
  current = await steps(current)
  return { ...current, runs: budget.runs - left, boots }
}

const AT_ONCE = 4

/** Without so many steps in a row, the last ones first: what fails comes at the end, and what led to it is the rest. */
function stepCuts({ machine, steps }: Setup, size: number): Setup[] {
  const starts = [...Array(Math.max(0, steps.length - size + 1)).keys()]
  return starts.map((start) => ({ machine, steps: steps.toSpliced(start, size) })).filter((cut) => cut.steps.length > 0)
}
