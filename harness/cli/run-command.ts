import { parseKernelSpec } from '../../kernels/index.ts'
import { Interrupted, messageOf, UsageError } from '../base/errors.ts'
import { Store } from '../base/store.ts'
import type { AcceleratorWish } from '../machine/accelerator.ts'
import { eraNamed } from '../model/eras.ts'
import type { Wish } from '../report/format.ts'
import { earlierRuns, writeHtmlReport } from '../report/html/html-report.ts'
import { recordsOf } from '../report/html/read-runs.ts'
import { reportFor } from '../report/report.ts'
import type { Jobs } from '../run/budget.ts'
import type { Event, RunResult } from '../run/events.ts'
import { loadScenarios } from '../run/load.ts'
import { timesOf } from '../run/recorded.ts'
import type { Shard } from '../run/shard.ts'
import { runSuite } from '../run/suite.ts'
import { cacheBound, keepWithinBound } from './cache-command.ts'
import { EXIT, statusOfResults } from './exit-status.ts'
import { NEEDS, requirePrograms } from './host-check.ts'
import { Interrupt } from './interrupt.ts'
import { OutFolder } from './out-folder.ts'
import { pageWords } from './page-words.ts'

export interface RunOptions {
  readonly kernel?: readonly string[]
  readonly accel: AcceleratorWish
  readonly era?: string
  readonly out?: string
  readonly format?: readonly Wish[]
  readonly bail?: boolean
  readonly fresh?: boolean
  readonly verifyRestore?: boolean
  /** Commander's word for --no-known-issues. */
  readonly knownIssues?: boolean
  readonly jobs: Jobs
  readonly repeat: number
  /** Seconds. */
  readonly bootTimeout?: number
  readonly userland?: string
  /** The folder of the page; true: that of the records. */
  readonly html?: string | true
  readonly compare?: string
  readonly shard?: Shard
  /** The folder of an earlier run, by whose times shards are split. */
  readonly durations?: string
  readonly verbose?: boolean
}

/** `tierlab run`. Whatever ends it, what was judged by then is reported. */
export async function runCommand(files: readonly string[], options: RunOptions): Promise<number> {
  const { format = [], verbose = false } = options
  const report = reportFor(format, { out: process.stdout, err: process.stderr, verbose })
  using interrupt = new Interrupt()
  const results: RunResult[] = []
  const emit = (event: Event) => {
    if (event.type === 'end') results.push(event.result)
    report.event(event)
  }
  try {
    await interrupt.during(runAll(files, options, interrupt.signal, emit, results))
    if (interrupt.signal.aborted) throw new Interrupted('Interrupted.')
    // Others have the rest: what is known of all of them, the merge says.
    if (options.shard && results.every(({ verdict }) => verdict.verdict === 'skip')) return EXIT.passed
    return statusOfResults(results)
  } catch (error) {
    report.event({ type: 'stop', sentence: messageOf(error) })
    throw error
  } finally {
    report.close()
  }
}

async function runAll(
  files: readonly string[],
  options: RunOptions,
  signal: AbortSignal,
  emit: (event: Event) => void,
  results: readonly RunResult[],
) {
  const {
    kernel: kernels = ['debian'],
    accel,
    bail = false,
    fresh = false,
    verifyRestore = false,
    knownIssues = true,
    jobs,
    repeat,
    userland,
    bootTimeout,
    era,
  } = options
  requirePrograms(NEEDS.guest)
  kernels.forEach(parseKernelSpec)
  const bound = cacheBound()
  if (options.durations !== undefined && options.shard === undefined)
    throw new UsageError('--durations is for --shard: it says by whose times shards are split.')
  const past = options.durations === undefined ? [] : await timesOf(options.durations)
  const scenarios = await loadScenarios(files)
  const page = options.html === undefined ? undefined : await pageOf(options)
  const own = options.out === undefined ? new OutFolder() : undefined
  const out = options.out ?? own?.path ?? ''
  try {
    await runSuite({
      ...{
        scenarios,
        kernels: [...new Set(kernels)],
        accel,
        bail,
        fresh,
        verify_restore: verifyRestore,
        known_issues: knownIssues,
        jobs,
        repeat,
        signal,
        out,
      },
      ...(options.shard !== undefined && { shard: { ...options.shard, past } }),
      ...(userland !== undefined && { userland }),
      ...(era !== undefined && { era: eraNamed(era) }),
      ...(bootTimeout !== undefined && { boot_limit_ms: bootTimeout * 1000 }),
      emit(event) {
        if (event.type === 'plan') own?.announce()
        emit(event)
      },
    })
    const pruned = await keepWithinBound(new Store(), bound)
    if (pruned !== undefined) emit({ type: 'note', sentence: pruned })
  } finally {
    if (results.length > 0) await page?.(out, results, emit)
    own?.removeIfEmpty()
  }
}

/** Makes the page at the end, however that comes. What it compares with is read before anything is run. */
async function pageOf({ html, compare }: RunOptions) {
  const earlier = compare === undefined ? null : await earlierRuns(compare)
  return async (out: string, results: readonly RunResult[], emit: (event: Event) => void) => {
    const folder = typeof html === 'string' ? html : out
    const sentence = await writeHtmlReport(folder, recordsOf(results), { earlier }).then(pageWords, messageOf)
    emit({ type: 'note', sentence: sentence.trimEnd() })
  }
}
