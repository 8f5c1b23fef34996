import type { Line, Link } from '../../kernels/index.ts'
import { messageOf, SourceError, UsageError } from '../base/errors.ts'
import type { RunResult } from '../run/events.ts'
import type { LoadedScenario } from '../run/plan.ts'
import { isFailure, isPass } from '../run/verdict.ts'
import { runsNeeded, type Sample } from './confidence.ts'
import type { Judge } from './judging.ts'
import type { Try, TryLog } from './try-log.ts'

export interface Bisection {
  readonly line: Line
  readonly scenarios: readonly LoadedScenario[]
  /** How sure the answer must be, below 1. */
  readonly confidence: number
  readonly judging: Judge
  readonly tries: TryLog
  readonly tell: (done: Try, left: number) => void
}

/** Where it began. */
export interface Culprit {
  readonly link: Link
  /** Those that could not be judged and may be it instead. */
  readonly suspects: readonly Link[]
  /** A run that failed on it; undefined when it was made before an interruption. */
  readonly failure: RunResult | undefined
}

/** How often the first bad kernel is run before anything is believed of the scenario. */
const FIRST_RUNS = 3
/** And how often at most, when its verdict is not the same each time. */
const MOST_FIRST_RUNS = 20

/**
 * Finds the first bad link of a line whose first is good and whose last is bad; both are tried before that is believed.
 * What does not build or boot, or cannot be judged, is skipped. Kernels that are equal byte for byte are tried once.
 * Throws UsageError when the good one is bad or the bad one good.
 */
export async function bisect(bisection: Bisection): Promise<Culprit> {
  const { line, confidence } = bisection
  const [first, last] = [line.links[0], line.links.at(-1)]
  if (first === undefined || last === undefined || first === last)
    throw new UsageError('There is nothing between the two.')
  const trial = new Trials(bisection)
  const bad = await trial.sample(last)
  const steps = Math.ceil(Math.log2(line.links.length)) + 1
  const runs = runsNeeded(bad, (1 - confidence) / steps)
  if (runs === undefined)
    throw new UsageError(
      `On ${last.title} only ${bad.failures} of ${bad.runs} runs failed: too few to bisect with a confidence of ${confidence}.`,
    )
  const good = await trial.of(first, runs)
  if (good.verdict === 'bad')
    throw new UsageError(`The good one is bad: on ${first.title} the scenario fails as well. ${good.reason}`)
  if (good.verdict === 'skip') throw new UsageError(`The good one cannot be judged: ${good.reason}`)
  const search = { good: [first], bad: last, skipped: [] as Link[] }
  for (;;) {
    const next = await line.middle(search)
    if (next === undefined) break
    const found = await trial.of(next, runs)
    if (found.verdict === 'good') search.good.push(next)
    else if (found.verdict === 'bad') search.bad = next
    else search.skipped.push(next)
  }
  return {
    link: search.bad,
    suspects: suspects(line, search),
    failure: trial.failures.get(search.bad.id),
  }
}

/** Skipped links with no good one between them and the bad one: by their place, which for history is an estimate. */
function suspects({ links }: Line, { good, bad, skipped }: { good: Link[]; bad: Link; skipped: Link[] }): Link[] {
  const to = links.indexOf(bad)
  const from = Math.max(...good.map((link) => links.indexOf(link)).filter((at) => at < to))
  return skipped.filter((link) => links.indexOf(link) > from && links.indexOf(link) < to)
}

class Trials {
  readonly failures = new Map<string, RunResult>()
  readonly #bisection: Bisection
  constructor(bisection: Bisection) {
    this.#bisection = bisection
  }

  /** Runs the bad end until it is known how often it fails. */
  async sample(link: Link): Promise<Sample> {
    const few = await this.#trial(link, { runs: FIRST_RUNS, bail: false })
    if (few.verdict === 'skip') throw new UsageError(`The bad one cannot be judged: ${few.reason}`)
    const same = few.failures === few.runs || few.failures === 0
    const done = same ? few : await this.#trial(link, { runs: MOST_FIRST_RUNS, bail: false })
    if (done.failures === 0)
      throw new UsageError(`The bad one is good: none of ${done.runs} runs on ${link.title} failed.`)
    return done
  }

  async of(link: Link, runs: number): Promise<Try> {
    return this.#trial(link, { runs, bail: true })
  }

  async #trial(link: Link, { runs, bail }: { runs: number; bail: boolean }): Promise<Try> {
    const { tries } = this.#bisection
    const before = tries.find(({ id }) => id === link.id)
    if (before !== undefined && (before.runs >= runs || before.verdict === 'skip' || (bail && before.failures > 0)))
      return this.#done(before)
    const started = performance.now()
    const none = { id: link.id, title: link.title, runs: 0, failures: 0, kernel: null, as: null }
    const seconds = () => Number(((performance.now() - started) / 1000).toFixed(1))
    try {
      const kernel = await link.kernel()
      const twin = tries.find((one) => one.kernel === kernel.hash && one.id !== link.id && one.verdict !== 'skip')
      if (twin !== undefined && twin.runs >= (bail ? 1 : runs))
        return this.#done(
          await tries.add({ ...twin, id: link.id, title: link.title, as: twin.title, seconds: seconds() }),
        )
      const { judging, scenarios } = this.#bisection
      const results = await judging.run(kernel, scenarios, { bail, repeat: runs })
      const failed = results.filter(({ verdict }) => isFailure(verdict))
      const [failure] = failed
      const unknown = results.find(({ verdict }) => verdict.verdict === 'broken' || verdict.verdict === 'skip')
      if (failure !== undefined) this.failures.set(link.id, failure)
      const told = results.filter(({ verdict }) => isFailure(verdict) || isPass(verdict))
      return this.#done(
        await tries.add({
          ...{ ...none, kernel: kernel.hash, runs: told.length, failures: failed.length, seconds: seconds() },
          verdict: failure !== undefined ? 'bad' : unknown === undefined ? 'good' : 'skip',
          reason: (failure ?? unknown)?.verdict.reason ?? '',
        }),
      )
    } catch (error) {
      if (!(error instanceof SourceError)) throw error
      const reason = [messageOf(error), ...error.words].join('\n')
      return this.#done(await tries.add({ ...none, verdict: 'skip', reason, seconds: seconds() }))
    }
  }

  #done(done: Try): Try {
    const { tell, line } = this.#bisection
    tell(done, line.links.length)
    return done
  }
}
