import { lineBetween, PATCH_ENDS, parseKernelSpec } from '../../kernels/index.ts'
import { UsageError } from '../base/errors.ts'
import { Store } from '../base/store.ts'
import { Judging } from '../campaign/judging.ts'
import { judgeSeries, type PatchOutcome } from '../campaign/series.ts'
import { outcomeLines, seriesLines } from '../campaign/series-words.ts'
import type { AcceleratorWish } from '../machine/accelerator.ts'
import { eraNamed } from '../model/eras.ts'
import { styleFor } from '../report/style.ts'
import type { Jobs } from '../run/budget.ts'
import { loadScenarios } from '../run/load.ts'
import { cacheBound, keepWithinBound } from './cache-command.ts'
import { EXIT, statusOfResults } from './exit-status.ts'
import { NEEDS, requirePrograms } from './host-check.ts'
import { Interrupt } from './interrupt.ts'
import { OutFolder } from './out-folder.ts'

export interface SeriesOptions {
  readonly base: string
  readonly mbox?: string
  readonly range?: string
  readonly accel: AcceleratorWish
  readonly era?: string
  readonly out?: string
  readonly jobs: Jobs
}

/** `tierlab series`: the status is that of the last patch's runs; 69 when one of them has no kernel. */
export async function seriesCommand(files: readonly string[], options: SeriesOptions): Promise<number> {
  const { first, last } = endsOf(options)
  requirePrograms(NEEDS.guest)
  const bound = cacheBound()
  const scenarios = await loadScenarios(files)
  const own = options.out === undefined ? new OutFolder() : undefined
  using interrupt = new Interrupt()
  const { signal } = interrupt
  const store = new Store()
  const style = styleFor(process.stdout)
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const log = (sentence: string) => void process.stderr.write(`${sentence}\n`)
  const { era } = options
  const judging = new Judging({
    ...{ ...options, out: options.out ?? own?.path ?? '', signal, log },
    era: era === undefined ? undefined : eraNamed(era),
  })
  const outcomes: PatchOutcome[] = []
  let links = 0
  own?.announce()
  const work = async () => {
    const line = await lineBetween(first, last, { store, log })
    links = line.links.length
    const tell = (outcome: PatchOutcome) => {
      outcomes.push(outcome)
      for (const text of outcomeLines(outcome, style)) say(text)
    }
    await judgeSeries({ line, scenarios, judging, tell })
  }
  try {
    await interrupt.during(work())
    if (outcomes.some(({ failure }) => failure !== undefined)) return EXIT.unknown
    return statusOfResults(outcomes.at(-1)?.results ?? [])
  } finally {
    if (outcomes.length > 0)
      for (const text of seriesLines(outcomes, links, style, process.stdout.columns ?? 100)) say(text)
    const pruned = outcomes.length > 0 ? await keepWithinBound(store, bound) : undefined
    if (pruned !== undefined) log(pruned)
    own?.removeIfEmpty()
  }
}

/** Throws UsageError unless there is either a file of patches or a range. */
function endsOf({ base, mbox, range }: SeriesOptions): { first: string; last: string } {
  const { kind } = parseKernelSpec(base)
  if (kind !== 'source' && kind !== 'tree')
    throw new UsageError(`${base} is not built here, so that it takes no patches. Take source:6.12 or tree:PATH.`)
  const ends = PATCH_ENDS.map((end) => `.${end}`)
  if (mbox !== undefined && !ends.some((end) => mbox.endsWith(end)))
    throw new UsageError(`${mbox} is not called as files of patches are: their names end in ${ends.join(', ')}.`)
  if (mbox !== undefined && range === undefined) return { first: base, last: `${base}+${mbox}` }
  const [, from, to] = /^(.+?)\.\.(.+)$/.exec(range ?? '') ?? []
  if (mbox === undefined && from !== undefined && to !== undefined && /^tree:[^@]+$/.test(base))
    return { first: `${base}@${from}`, last: `${base}@${to}` }
  throw new UsageError('A series is --base SPEC with --mbox FILE, or --base tree:PATH with --range A..B.')
}
