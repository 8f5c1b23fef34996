import type { Kernel } from '../../kernels/index.ts'
import { type Era, eraOf } from '../model/eras.ts'
import { appliesTo, type Scenario } from '../scenario.ts'
import type { Cell } from './events.ts'

export interface LoadedScenario {
  readonly scenario: Scenario
  /** As given, or relative to the working folder. */
  readonly file: string
}

/**
 * Every scenario on every kernel, kernels outermost, in the order given; those that do not apply are cells too. The era is
 * that of a kernel's version unless one is named: a patch may make a kernel behave like another.
 */
export function plan(scenarios: readonly LoadedScenario[], kernels: readonly Kernel[], named?: Era): Cell[] {
  return kernels.flatMap((kernel) => {
    const era = named ?? eraOf(kernel.version)
    return scenarios.map(({ scenario, file }) => ({ scenario, file, kernel, era }))
  })
}

/** The same cells so often, one round behind the other; as they are where once is enough. */
export function repeated(cells: readonly Cell[], times: number): Cell[] {
  if (times === 1) return [...cells]
  return Array.from({ length: times }, (_, round) =>
    cells.map((cell): Cell => ({ ...cell, repetition: round + 1 })),
  ).flat()
}

/** Why a cell is not run; null when it is. */
export function skipReason({ scenario, kernel }: Cell): string | null {
  if (!appliesTo(scenario, kernel.version))
    return `the claim is for kernels ${scenario.kernels}, this one is ${kernel.version.join('.')}`
  const missing = (scenario.needs ?? []).filter((symbol) => !kernel.symbols?.has(symbol))
  if (missing.length === 0) return null
  return kernel.symbols === undefined
    ? `it needs ${missing.join(', ')}, and what this kernel was built with is not known`
    : `it needs ${missing.join(', ')}, which this kernel was built without`
}
