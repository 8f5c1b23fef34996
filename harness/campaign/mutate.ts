import type { Kernel } from '../../kernels/index.ts'
import { isEquivalent, type Mutant, type MutantSeries } from '../../kernels/mutants.ts'
import { messageOf, SourceError, UsageError } from '../base/errors.ts'
import type { Release } from '../base/release.ts'
import type { RunResult } from '../run/events.ts'
import type { LoadedScenario } from '../run/plan.ts'
import { didNotBoot, isExpected, isFailure, isPass } from '../run/verdict.ts'
import type { Judge } from './judging.ts'

/** What the scenarios made of one mutant. */
export interface MutantFate {
  readonly mutant: Mutant
  readonly fate: Fate
  /** Milliseconds: to apply and build it, and to run scenarios until the first that noticed. */
  readonly build_ms: number
  readonly run_ms: number
}

export type Fate =
  | { readonly kind: 'killed'; readonly by: RunResult }
  /** So many scenarios saw no difference. */
  | { readonly kind: 'survived'; readonly scenarios: number }
  | { readonly kind: 'equivalent'; readonly proof: string }
  /** Its header says why there is no such thing in this kernel. */
  | { readonly kind: 'elsewhere'; readonly why: string }
  | { readonly kind: 'unbuilt'; readonly why: string }
  /** Image and modules are those of the kernel without it. */
  | { readonly kind: 'unchanged' }

export interface Mutation {
  readonly mutants: readonly Mutant[]
  readonly scenarios: readonly LoadedScenario[]
  /** The kernel without a mutant, and with one; of a debug configuration for those that ask for it. */
  readonly kernel: (mutant: Mutant | undefined, config: 'debug' | undefined) => Promise<Kernel>
  readonly judging: Judge
  readonly tell: (fate: MutantFate) => void
}

/** The series of the catalogue that a version belongs to. */
export function mutantSeries(version: Release): MutantSeries {
  if (version[0] >= 7) return '7'
  return version[0] === 6 && version[1] < 12 ? '6.1' : '6.12'
}

/**
 * Breaks the kernel in one place after another and runs scenarios until the first that notices, those that its header
 * names first. A scenario counts only when it passes on the kernel without mutants.
 * Throws UsageError when that kernel does not boot.
 */
export async function mutate(mutation: Mutation): Promise<MutantFate[]> {
  const fates: MutantFate[] = []
  const bases = new Map<string, Base>()
  for (const mutant of mutation.mutants) {
    if (mutation.judging.conditions.signal.aborted) break
    const key = mutant.config ?? 'lab'
    const base = bases.get(key) ?? new Base(await mutation.kernel(undefined, mutant.config), mutation.judging)
    bases.set(key, base)
    const fate = await fateOf(mutant, base, mutation)
    fates.push(fate)
    mutation.tell(fate)
  }
  return fates
}

async function fateOf(mutant: Mutant, base: Base, mutation: Mutation): Promise<MutantFate> {
  const series = mutantSeries(base.kernel.version)
  const none = { mutant, build_ms: 0, run_ms: 0 }
  if (!mutant.kernels.includes(series)) return { ...none, fate: { kind: 'elsewhere', why: mutant.elsewhere ?? '' } }
  if (isEquivalent(mutant, series))
    return { ...none, fate: { kind: 'equivalent', proof: mutant.equivalent?.proof ?? '' } }
  const started = performance.now()
  let kernel: Kernel
  try {
    kernel = await mutation.kernel(mutant, mutant.config)
  } catch (error) {
    if (!(error instanceof SourceError || error instanceof UsageError)) throw error
    const why = [messageOf(error), ...(error instanceof SourceError ? error.words.slice(0, 2) : [])].join(' ')
    return { ...none, build_ms: performance.now() - started, fate: { kind: 'unbuilt', why } }
  }
  const built = performance.now()
  const build_ms = built - started
  if (kernel.hash === base.kernel.hash) return { mutant, build_ms, run_ms: 0, fate: { kind: 'unchanged' } }
  const { first, then } = inOrder(mutant, mutation)
  let run_ms = 0
  let killer: Fate | undefined
  for (const group of [first, then]) {
    const trusted = await base.trusted(group)
    const before = performance.now()
    killer = await firstToNotice(kernel, trusted, mutation)
    run_ms += performance.now() - before
    if (killer) break
  }
  const tried = [...first, ...then].filter(({ file }) => base.passes(file)).length
  const fate: Fate = killer ?? { kind: 'survived', scenarios: tried }
  return { mutant, build_ms, run_ms, fate }
}

/** Those that its header names, likeliest first; then all others, those first that other mutants are killed by. */
function inOrder(mutant: Mutant, { scenarios, mutants }: Mutation) {
  const isNamed = (name: string) => (loaded: LoadedScenario) => loaded.file.endsWith(`scenarios/${name}`)
  const first = mutant.likely.flatMap((name) => scenarios.filter(isNamed(name)))
  const weight = (loaded: LoadedScenario) =>
    mutants.filter(({ likely }) => likely.some((name) => isNamed(name)(loaded))).length
  // A kernel that checks itself is slow, and only scenarios that need its checks see more there.
  const others = scenarios.filter(({ scenario }) => mutant.config === undefined || scenario.needs !== undefined)
  const then = others.filter((loaded) => !first.includes(loaded)).toSorted((a, b) => weight(b) - weight(a))
  return { first, then }
}

async function firstToNotice(
  kernel: Kernel,
  scenarios: readonly LoadedScenario[],
  { judging }: Mutation,
): Promise<Fate | undefined> {
  if (scenarios.length === 0) return undefined
  const results = await judging.run(kernel, scenarios, { bail: true })
  const by = results.find(({ verdict }) => isFailure(verdict) || didNotBoot(verdict))
  return by === undefined ? undefined : { kind: 'killed', by }
}

/** The kernel without mutants, and which scenarios pass on it: each is asked once. */
class Base {
  readonly kernel: Kernel
  readonly #judging: Judge
  readonly #passes = new Map<string, boolean>()
  constructor(kernel: Kernel, judging: Judge) {
    this.kernel = kernel
    this.#judging = judging
  }

  passes(file: string): boolean {
    return this.#passes.get(file) ?? false
  }

  async trusted(scenarios: readonly LoadedScenario[]): Promise<LoadedScenario[]> {
    const asked = scenarios.filter(({ file }) => !this.#passes.has(file))
    if (asked.length > 0) {
      const results = await this.#judging.run(this.kernel, asked, { bail: false })
      for (const { cell, verdict } of results) this.#passes.set(cell.file, isPass(verdict))
      const bad = results.filter(({ verdict }) => !isExpected(verdict))
      for (const { cell, verdict } of bad)
        this.#judging.conditions.log(
          `“${cell.scenario.name}” is left out: without a mutant it ends in ${verdict.verdict} on ${this.kernel.name}.`,
        )
      if (results.length > 0 && results.every(({ verdict }) => didNotBoot(verdict)))
        throw new UsageError(`${this.kernel.name} does not boot without a mutant: ${results[0]?.verdict.reason}`)
    }
    return scenarios.filter(({ file }) => this.passes(file))
  }
}
