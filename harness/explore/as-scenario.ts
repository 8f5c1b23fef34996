import { formatNodeSet } from '../base/node-set.ts'
import { compareReleases, formatRelease, type Release } from '../base/release.ts'
import type { Era } from '../model/eras.ts'
import { isUndecided } from '../model/outcome.ts'
import { tiersOf } from '../model/tiers.ts'
import { nodesWithMemory, type World } from '../model/world.ts'
import type { Pin, Scenario, TierName } from '../scenario.ts'
import { bootWorld } from '../topology/world.ts'
import type { Taken } from './compose.ts'
import type { Setup } from './machine-cuts.ts'

/** A run as a scenario: the steps as the model takes them, and no pin, because the model composed them. */
export function asScenario(
  name: string,
  { machine }: Pick<Setup, 'machine'>,
  taken: readonly Taken[],
  kernels: string,
): Scenario {
  return {
    name,
    why: 'Composed by tierlab explore.',
    kernels,
    machine,
    steps: taken.map(({ step }) => step),
  }
}

/** The same with a pin for what the model says in the end, as a file that one keeps should have. */
export function asPinnedScenario(
  name: string,
  why: string,
  setup: Setup,
  taken: readonly Taken[],
  { era, kernels }: { readonly era: Era; readonly kernels: string },
): Scenario {
  const steps = taken.map(({ step }) => step)
  const last = taken.at(-1)
  const world = last?.outcome.world ?? bootWorld(setup.machine, era)
  // Behind a race whose orders lead to different worlds there is nothing to pin, but before it.
  const pinned =
    last !== undefined && isUndecided(last.outcome)
      ? [...steps.slice(0, -1), pinOf(last.before, kernels), last.step]
      : [...steps, pinOf(world, kernels)]
  return { ...asScenario(name, setup, taken, kernels), why, steps: pinned }
}

function pinOf(world: World, kernels: string): Pin {
  const tiers = Object.fromEntries(
    [...tiersOf(world)].map(([tier, nodes]): [TierName, string] => [`memory_tier${tier}`, formatNodeSet(nodes)]),
  )
  return { shows: { tiers, hasMemory: formatNodeSet(nodesWithMemory(world)) }, kernels }
}

/**
 * Releases that do what the era does, as a range, around the one that was explored; all where a kernel of another version
 * was told to be of this era.
 */
export function rangeOf({ spans }: Era, release: Release): string {
  const span = spans.find(
    ({ from, before }) =>
      compareReleases(from, release) <= 0 && (before === null || compareReleases(release, before) < 0),
  )
  if (span === undefined) return '>=6.0'
  return `>=${formatRelease(span.from)}${span.before === null ? '' : ` <${formatRelease(span.before)}`}`
}
