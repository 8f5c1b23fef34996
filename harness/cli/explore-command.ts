import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Kernel, parseKernelSpec, resolveKernel } from '../../kernels/index.ts'
import { UsageError } from '../base/errors.ts'
import { Store } from '../base/store.ts'
import { Judging } from '../campaign/judging.ts'
import { asPinnedScenario, asScenario, rangeOf } from '../explore/as-scenario.ts'
import { recompose } from '../explore/compose.ts'
import { keepInCorpus } from '../explore/corpus.ts'
import { type ExploreEvent, explore, type Finding, type Tally } from '../explore/explore.ts'
import { coverageLines, findingComment, tallyLine } from '../explore/explore-words.ts'
import { KeptCoverage } from '../explore/kept-coverage.ts'
import { lineCoverageLines } from '../explore/line-coverage.ts'
import { machineOf } from '../explore/machines.ts'
import { scenarioSource } from '../explore/source.ts'
import { parseToken } from '../explore/token.ts'
import type { AcceleratorWish } from '../machine/accelerator.ts'
import { type Era, eraNamed, eraOf } from '../model/eras.ts'
import { findingLines } from '../report/finding.ts'
import { LiveArea } from '../report/live-area.ts'
import { styleFor } from '../report/style.ts'
import type { Jobs } from '../run/budget.ts'
import type { RunResult } from '../run/events.ts'
import { isFailure, isPass } from '../run/verdict.ts'
import { cacheBound, keepWithinBound } from './cache-command.ts'
import { EXIT, statusOfResults } from './exit-status.ts'
import { NEEDS, requirePrograms } from './host-check.ts'
import { Interrupt } from './interrupt.ts'
import { machineFrom } from './machine-file.ts'
import { OutFolder } from './out-folder.ts'
import { bundleRun } from './repro-command.ts'

export interface ExploreOptions {
  readonly kernel?: readonly string[]
  readonly seed?: number
  readonly runs?: number
  readonly minutes?: number
  readonly steps: number
  readonly jobs: Jobs
  readonly machine?: string
  readonly replay?: string
  readonly findings?: number
  readonly shrinkRuns: number
  readonly shrinkBoots: number
  readonly afresh?: boolean
  /** A folder that keeps runs which met something new. */
  readonly corpus?: string
  /** Commander's word for --no-known-issues. */
  readonly knownIssues?: boolean
  readonly accel: AcceleratorWish
  readonly era?: string
  readonly out?: string
  readonly verbose?: boolean
}

/** Without --runs and --minutes. */
const DEFAULT_RUNS = 100
/** Checkpoints of machines that will not come again are removed after so many runs. */
const PRUNE_AFTER = 240

/** `tierlab explore`: 0 when nothing was found, 1 when something was. */
export async function exploreCommand(options: ExploreOptions): Promise<number> {
  requirePrograms(NEEDS.guest)
  const words = options.kernel ?? ['debian']
  words.forEach(parseKernelSpec)
  const bound = cacheBound()
  const token = options.replay === undefined ? undefined : parseToken(options.replay)
  const random = options.machine === undefined || options.machine === 'random'
  const machine = random ? undefined : await machineFrom(options.machine ?? '')
  const named = options.era === undefined ? undefined : eraNamed(options.era)
  using interrupt = new Interrupt()
  const { signal } = interrupt
  const store = new Store()
  const log = (sentence: string) => void process.stderr.write(`${sentence}\n`)
  const own = options.out === undefined ? new OutFolder() : undefined
  const out = options.out ?? own?.path ?? ''
  own?.announce()
  const kept = new KeptCoverage(store)
  const judging = new Judging({
    ...{ ...options, era: named, known_issues: options.knownIssues ?? true, out, signal, log },
    before_end: kept.readLines,
  })
  const kernelsOf = async () => {
    const kernels: Kernel[] = []
    for (const word of [...new Set(words)]) kernels.push(await resolveKernel(word, { store, log }))
    return kernels
  }
  const work = async (): Promise<number> => {
    const kernels = await kernelsOf()
    if (token !== undefined) return await replay(token, kernels, { judging, named, machine })
    const eraFor = (kernel: Kernel): Era => named ?? eraOf(kernel.version)
    for (const era of new Set(kernels.map(eraFor))) await kept.open(era, options.afresh ?? false)
    for (const kernel of kernels) await kept.openLines(kernel, options.afresh ?? false)
    const teller = new Teller(out, options.verbose ?? false, options.corpus)
    const started = performance.now()
    const limit = options.minutes === undefined ? Number.POSITIVE_INFINITY : options.minutes * 60_000
    const most = options.runs ?? (options.minutes === undefined ? DEFAULT_RUNS : Number.POSITIVE_INFINITY)
    let pruned = 0
    const pending: Promise<unknown>[] = []
    const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31)
    teller.say(`Seed ${seed}; records of what fails: ${out}`)
    try {
      await explore({
        ...{ kernels, era: named, machine, seed, steps: options.steps, judging },
        goesOn: (runs) => runs < most && performance.now() - started < limit,
        coverage: (era) => kept.of(era),
        ...(options.findings !== undefined && { most_findings: options.findings }),
        budget: { runs: options.shrinkRuns, boots: options.shrinkBoots },
        tell(event) {
          pending.push(teller.tell(event))
          if (event.type !== 'batch' || event.tally.runs < pruned + PRUNE_AFTER) return
          pruned = event.tally.runs
          pending.push(keepWithinBound(store, bound))
        },
      })
    } finally {
      await Promise.all(pending)
      teller.end(performance.now() - started, kept)
      await kept.keep()
    }
    if (teller.findings > 0) return EXIT.disagreed
    return teller.tally.broken > 0 ? EXIT.unknown : EXIT.passed
  }
  try {
    return await interrupt.during(work())
  } finally {
    const sentence = await keepWithinBound(store, bound)
    if (sentence !== undefined) log(sentence)
    own?.removeIfEmpty()
  }
}

/** One composed run, from its token, on each kernel. */
async function replay(
  token: ReturnType<typeof parseToken>,
  kernels: readonly Kernel[],
  {
    judging,
    named,
    machine,
  }: { judging: Judging; named: Era | undefined; machine: Parameters<typeof recompose>[0] | undefined },
): Promise<number> {
  const style = styleFor(process.stdout)
  const results: RunResult[] = []
  const spec = machine ?? machineOf(token.machine)
  const composedBy = eraNamed(token.era)
  if (recompose(spec, composedBy, token.choices) === null)
    throw new UsageError(
      'This token’s steps cannot be taken on this machine: the machine, or the generator, is another.',
    )
  for (const kernel of kernels) {
    const era = named ?? eraOf(kernel.version)
    const taken = recompose(spec, era, token.choices)
    if (taken === null)
      throw new UsageError(`This token is of era ${token.era}; the model of ${era.name} has other steps there.`)
    const scenario = asScenario('explored, once more', { machine: spec }, taken, rangeOf(era, kernel.version))
    const made = await judging.run(kernel, [{ scenario, file: 'token' }], { bail: false })
    results.push(...made)
    for (const result of made)
      process.stdout.write(`${findingLines(result, style, process.stdout.columns ?? 100).join('\n')}\n`)
  }
  return statusOfResults(results)
}

/** Prints what is found when it is, and keeps files of it. */
class Teller {
  readonly #out: string
  readonly #verbose: boolean
  readonly #corpus: string | undefined
  readonly #style = styleFor(process.stdout)
  readonly #live = process.stderr.isTTY ? new LiveArea(process.stderr) : null
  findings = 0
  #again = 0
  tally: Tally = { runs: 0, steps: 0, known: 0, failed: 0, broken: 0 }

  constructor(out: string, verbose: boolean, corpus: string | undefined) {
    this.#out = out
    this.#verbose = verbose
    this.#corpus = corpus
  }

  say(line: string): void {
    this.#live?.clear()
    process.stdout.write(`${line}\n`)
  }

  async tell(event: ExploreEvent): Promise<void> {
    switch (event.type) {
      case 'batch': {
        this.tally = event.tally
        for (const result of event.results) {
          await this.#batch(result)
          const news = event.news.get(result.cell.file)
          if (this.#corpus !== undefined && news !== undefined && news.names.length > 0 && isPass(result.verdict))
            await keepInCorpus(this.#corpus, result.cell, news)
        }
        this.#live?.draw([`${event.tally.runs} runs, ${event.tally.steps} steps, ${this.findings} findings`])
        return
      }
      case 'again':
        this.#again += 1
        return
      case 'found':
        return this.#found(event.finding)
    }
  }

  async #batch({ cell, verdict, record }: RunResult): Promise<void> {
    if (this.#verbose)
      this.say(`${this.#style.verdict(verdict.verdict)} ${cell.kernel.name} ${cell.file} ${verdict.reason}`)
    else if (verdict.verdict === 'broken')
      this.say(`${this.#style.verdict(verdict.verdict)} ${cell.kernel.name} ${cell.file}: ${verdict.reason}`)
    // What passed can be made again from its token.
    if (record !== null && !isFailure(verdict) && verdict.verdict !== 'broken')
      await rm(record, { recursive: true, force: true })
  }

  async #found(finding: Finding): Promise<void> {
    this.findings += 1
    const folder = join(this.#out, 'findings', String(this.findings))
    const file = join(folder, 'scenario.ts')
    await mkdir(folder, { recursive: true })
    const scenario = asPinnedScenario(
      `found by exploration, ${this.findings}`,
      finding.signature,
      finding,
      finding.taken,
      { era: finding.era, kernels: rangeOf(finding.era, finding.kernel.version) },
    )
    await writeFile(file, scenarioSource(scenario, findingComment(finding)))
    const { record } = finding.result
    const bundle = join(folder, 'reproducer.tar')
    const why = record === null ? 'no record' : await bundleRun(record, bundle).then(() => null, String)
    const shown = { ...finding.result, cell: { ...finding.result.cell, scenario, file } }
    this.say('')
    for (const line of findingLines(shown, this.#style, process.stdout.columns ?? 100)) this.say(line)
    const { found_by, steps_before, taken, shrink_runs, shrink_boots, repeats, token, kernel } = finding
    this.say(
      `              found by run ${found_by}; ${
        repeats
          ? `${steps_before} steps became ${taken.length} in ${shrink_runs} runs, ${shrink_boots} of them on other machines`
          : 'it did not fail the same way when it was made again'
      }`,
    )
    this.say(`              ${why === null ? `bundle ${bundle}` : `no bundle: ${why}`}`)
    this.say(`              npx tierlab explore --kernel ${kernel.name} --replay ${token}`)
  }

  end(duration_ms: number, kept: KeptCoverage): void {
    this.say('')
    for (const line of coverageLines(kept.all())) this.say(line)
    for (const { name, coverage } of kept.lines())
      for (const line of lineCoverageLines(name, coverage.data)) this.say(line)
    this.say(tallyLine(this.tally, this.findings, this.#again, duration_ms))
  }
}
