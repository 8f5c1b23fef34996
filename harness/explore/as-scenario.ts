import { formatNodeSet } from '../base/node-set.ts'
import { formatRelease } from '../base/release.ts'
import type { Era } from '../model/eras.ts'
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
  era: Era,
): Scenario {
  return {
    name,
    why: 'Composed by tierlab explore.',
    kernels: kernelsOf(era),
    machine,
    steps: taken.map(({ step }) => step),
  }
}

/** The same with a pin for what the model says in the end, as a file that one keeps should have. */
export function asPinnedScenario(name: string, why: string, setup: Setup, taken: readonly Taken[], era: Era): Scenario {
  const last = taken.at(-1)?.outcome.world ?? bootWorld(setup.machine, era)
  return { ...asScenario(name, setup, taken, era), why, steps: [...taken.map(({ step }) => step), pinOf(last, era)] }
}

function pinOf(world: World, era: Era): Pin {
  const tiers = Object.fromEntries(
    [...tiersOf(world)].map(([tier, nodes]): [TierName, string] => [`memory_tier${tier}`, formatNodeSet(nodes)]),
  )
  return { shows: { tiers, hasMemory: formatNodeSet(nodesWithMemory(world)) }, kernels: kernelsOf(era) }
}

/** The releases of an era, as far as one range can say it. */
function kernelsOf({ spans }: Era): string {
  const last = spans.at(-1)
  if (last === undefined) return '>=6.0'
  return `>=${formatRelease(last.from)}${last.before === null ? '' : ` <${formatRelease(last.before)}`}`
}
