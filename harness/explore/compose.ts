import fc from 'fast-check'
import { UsageError } from '../base/errors.ts'
import type { Era } from '../model/eras.ts'
import type { Outcome } from '../model/outcome.ts'
import { atRest, type World } from '../model/world.ts'
import { isReboot } from '../steps/guest.ts'
import { faces, refuses, type Step } from '../steps/step.ts'
import type { MachineSpec } from '../topology/machine.ts'
import { bootWorld } from '../topology/world.ts'
import type { Coverage } from './coverage.ts'
import { type Move, moves } from './moves.ts'
import { transition } from './states.ts'

/** One step as the model takes it. A step that must be refused says so. */
export interface Taken {
  readonly step: Step
  readonly before: World
  readonly outcome: Outcome
}

/** What is composed for one machine, and the choices that lead to it: numbers among the moves of each moment. */
export interface Composed {
  readonly taken: readonly Taken[]
  readonly choices: readonly number[]
}

/** Draws are of so many. */
const DRAWS = 2 ** 30

/** How many moves are looked at before one is taken. */
const LOOKS = 8

/**
 * Composes steps: at each moment some moves are drawn by their weights, and of those the one is taken that leads where
 * least has been so far. One that must be refused is taken where that has not been seen in this state.
 * The same seed, era and coverage give the same steps.
 */
export function compose(
  machine: MachineSpec,
  era: Era,
  options: { readonly seed: number; readonly steps: number; readonly coverage: Coverage },
): Composed {
  const [drawn] = fc.sample(
    fc.array(fc.noBias(fc.nat({ max: DRAWS - 1 })), {
      ...{ minLength: options.steps * LOOKS, maxLength: options.steps * LOOKS, size: 'max' },
    }),
    { seed: options.seed, numRuns: 1 },
  )
  const draws = (drawn ?? []).map((draw) => draw / DRAWS)
  const taken: Taken[] = []
  const choices: number[] = []
  let world = bootWorld(machine, era)
  while (taken.length < options.steps && !isOver(taken)) {
    const all = moves(world)
    const looks = draws.slice(taken.length * LOOKS, (taken.length + 1) * LOOKS)
    const looked = [...new Set(looks.map((draw) => weighted(all, draw)))]
    const best = rarest(world, all, looked, options.coverage)
    if (best === undefined) break
    taken.push(best.taken)
    choices.push(best.index)
    options.coverage.visit(transition(best.taken))
    world = best.taken.outcome.world
  }
  return { taken, choices }
}

/** The same steps from their choices. Null when the generator makes others by now. */
export function recompose(machine: MachineSpec, era: Era, choices: readonly number[]): Taken[] | null {
  const taken: Taken[] = []
  let world = bootWorld(machine, era)
  for (const choice of choices) {
    const move = moves(world)[choice]
    const next = move && !isOver(taken) ? take(world, move.step) : null
    if (!next) return null
    taken.push(next)
    world = next.outcome.world
  }
  return taken
}

/** The steps by the model once more, as when some were left out; null when one of them is not certain any more. */
export function retake(machine: MachineSpec, era: Era, steps: readonly Step[]): Taken[] | null {
  const taken: Taken[] = []
  let world = bootWorld(machine, era)
  for (const { refuses: _, ...step } of steps) {
    const next = isOver(taken) ? null : take(world, step)
    if (next === null) return null
    taken.push(next)
    world = next.outcome.world
  }
  return taken
}

/** Behind a known issue nothing can be told. */
function isOver(taken: readonly Taken[]): boolean {
  return (taken.at(-1)?.outcome.world.conditions.length ?? 0) > 0
}

function weighted(all: readonly Move[], draw: number): number {
  const total = all.reduce((sum, { weight }) => sum + weight, 0)
  let left = draw * total
  const index = all.findIndex(({ weight }) => {
    left -= weight
    return left < 0
  })
  return index < 0 ? all.length - 1 : index
}

function rarest(world: World, all: readonly Move[], drawn: readonly number[], coverage: Coverage) {
  let best: { readonly taken: Taken; readonly index: number; readonly visits: number } | undefined
  for (const index of drawn) {
    const move = all[index]
    const taken = move === undefined ? null : take(world, move.step)
    if (taken === null) continue
    const visits = coverage.rank(transition(taken))
    if (best === undefined || visits < best.visits) best = { taken, index, visits }
  }
  return best
}

/**
 * Null where the model cannot say what a step comes to: what it calls a mistake, and what depends on whether memory of the
 * kernel's own can be offlined, which no rule decides.
 */
function take(world: World, step: Step): Taken | null {
  try {
    const before = atRest(world)
    const outcome = faces(step).model(before)
    if (!isCertain(before, outcome, step)) return null
    return { step: outcome.status === 0 ? step : refuses(step, { says: outcome.words }), before, outcome }
  } catch (error) {
    if (error instanceof UsageError || error instanceof RangeError) return null
    throw error
  }
}

function isCertain(before: World, { world }: Outcome, step: Step): boolean {
  if (isReboot(step)) return true
  return [...before.blocks].every(([number, { online, zone, owner }]) => {
    const kernels = owner !== 'boot' && online && zone !== 'Movable'
    return !kernels || world.blocks.get(number)?.online === true
  })
}
