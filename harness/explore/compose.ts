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
import { nodesIn } from './machine-cuts.ts'
import { type Move, moves } from './moves.ts'
import { pairsOf, stepAt } from './races.ts'
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
  /** What was met for the first time or the second, and after how many steps all of it had been; empty and 0 for nothing. */
  readonly news: { readonly names: readonly string[]; readonly steps: number }
}

/** Draws are of so many. */
const DRAWS = 2 ** 30

/** How many moves are looked at before one is taken. */
const LOOKS = 8

/** How many compositions end with two steps at once, where there are two that can race. */
const RACES = 1 / 16

/** How many compositions are looked at before one is chosen: the model is cheap, and a guest is not. */
const TRIES = 6
/** How much likelier a step is on the node that a composition attends to. */
const FOCUS = 5

/**
 * Composes steps: at each moment some moves are drawn by their weights, and of those the one is taken that leads where
 * least has been so far. Each composition attends to one node, because it is where several kinds of memory meet that
 * kernels go wrong. Of several compositions the one is chosen in which most is new.
 * The same seed, era and coverage give the same steps.
 */
export function compose(
  machine: MachineSpec,
  era: Era,
  options: { readonly seed: number; readonly steps: number; readonly coverage: Coverage },
): Composed {
  const { steps, coverage } = options
  const length = steps * LOOKS + 2
  const tries = fc.sample(
    fc.array(fc.noBias(fc.nat({ max: DRAWS - 1 })), { minLength: length, maxLength: length, size: 'max' }),
    { seed: options.seed, numRuns: TRIES },
  )
  type Once = Pick<Composed, 'taken' | 'choices'>
  let best: { readonly composed: Once; readonly novelty: number } | undefined
  for (const draws of tries) {
    const composed = composeOnce(machine, era, draws, steps, coverage)
    const novelty = coverage.novelty(composed.taken.map(transition))
    if (best === undefined || novelty > best.novelty) best = { composed, novelty }
  }
  const { composed } = best ?? { composed: { taken: [], choices: [] } }
  const found = composed.taken.flatMap((taken, index) =>
    coverage.visit(transition(taken)).map((name) => ({ name, steps: index + 1 })),
  )
  const names = [...new Set(found.map(({ name }) => name))]
  return { ...composed, news: { names, steps: Math.max(0, ...found.map(({ steps }) => steps)) } }
}

function composeOnce(
  machine: MachineSpec,
  era: Era,
  draws: readonly number[],
  steps: number,
  coverage: Coverage,
): Pick<Composed, 'taken' | 'choices'> {
  const [first = 0, last = 0, ...others] = draws.map((draw) => draw / DRAWS)
  const focus = Math.floor(first * machine.nodes.length)
  const taken: Taken[] = []
  const choices: number[] = []
  let world = bootWorld(machine, era)
  while (taken.length < steps && !isOver(taken)) {
    const all = moves(world)
    const looks = others.slice(taken.length * LOOKS, (taken.length + 1) * LOOKS)
    const pairs = last < RACES && taken.length === steps - 1 ? pairsOf(all) : []
    const single = all.map(({ weight, step }, number) => ({
      number,
      weight: nodesIn(step.args).includes(focus) ? FOCUS * weight : weight,
    }))
    const found =
      rarest(world, all, drawn(pairs, looks), coverage) ?? rarest(world, all, drawn(single, looks), coverage)
    if (found === undefined) break
    taken.push(found.taken)
    choices.push(found.index)
    world = found.taken.outcome.world
  }
  return { taken, choices }
}

/** The same steps from their choices. Null when the generator makes others by now. */
export function recompose(machine: MachineSpec, era: Era, choices: readonly number[]): Taken[] | null {
  const taken: Taken[] = []
  let world = bootWorld(machine, era)
  for (const choice of choices) {
    const step = stepAt(moves(world), choice)
    const next = step && !isOver(taken) ? take(world, step) : null
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

/** Behind a known issue nothing can be told, and behind a race not which of the orders it was. */
function isOver(taken: readonly Taken[]): boolean {
  const last = taken.at(-1)?.outcome
  return last !== undefined && (last.orders !== undefined || last.world.conditions.length > 0)
}

/** The numbers that draws from 0 to 1 fall on, by the weights; each once. */
function drawn(
  of: readonly { readonly number: number; readonly weight: number }[],
  draws: readonly number[],
): readonly number[] {
  const sum = of.reduce((total, { weight }) => total + weight, 0)
  const one = (draw: number) => {
    let left = draw * sum
    const found = of.find(({ weight }) => {
      left -= weight
      return left < 0
    })
    return (found ?? of.at(-1))?.number
  }
  return [...new Set(draws.map(one))].filter((number) => number !== undefined)
}

function rarest(world: World, all: readonly Move[], numbers: readonly number[], coverage: Coverage) {
  let best: { readonly taken: Taken; readonly index: number; readonly visits: number } | undefined
  for (const index of numbers) {
    const step = stepAt(all, index)
    const taken = step === undefined ? null : take(world, step)
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
    if (!(outcome.orders ?? [outcome]).every((order) => isCertain(before, order, step))) return null
    if (outcome.orders !== undefined) {
      // A known issue in one order only would be neither expected nor excused.
      const isKnown = outcome.orders.some(({ world }) => world.conditions.length > 0)
      return isKnown ? null : { step, before, outcome }
    }
    return { step: outcome.status === 0 ? step : refuses(step, { says: outcome.words }), before, outcome }
  } catch (error) {
    if (error instanceof UsageError || error instanceof RangeError) return null
    throw error
  }
}

function isCertain(before: World, { world, status }: Outcome, step: Step): boolean {
  if (isReboot(step)) return true
  const kernels = [...before.blocks].filter(
    ([, { online, zone, owner }]) => owner !== 'boot' && online && zone !== 'Movable',
  )
  // It may be refused before any notifier is asked.
  if (status !== 0 && before.inject.going_offline !== 0 && kernels.length > 0) return false
  return kernels.every(([number]) => world.blocks.get(number)?.online === true)
}
