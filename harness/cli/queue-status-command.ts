import { setTimeout as sleep } from 'node:timers/promises'
import { Interrupted, UsageError } from '../base/errors.ts'
import { Cells } from '../queue/cells.ts'
import { type QueuedRun, readRun } from '../queue/run.ts'
import { countsOf, isOver, type PlannedState, statesOf } from '../queue/state.ts'
import { columns } from '../report/columns.ts'
import { styleFor } from '../report/style.ts'
import { printable } from '../report/width.ts'
import { isFailure } from '../run/verdict.ts'
import { EXIT, statusOfResults } from './exit-status.ts'
import { Interrupt } from './interrupt.ts'
import { type QueueOptions, withQueue } from './open-queue.ts'

const LOOK_MS = 1_000

export interface QueueStatusOptions extends QueueOptions {
  readonly json?: boolean
  /** Seconds; true: as long as it takes. */
  readonly wait?: string | true
}

/** `tierlab queue status`. */
export async function queueStatusCommand(name: string | undefined, options: QueueStatusOptions): Promise<number> {
  const limit_ms = limitOf(options.wait)
  using interrupt = new Interrupt()
  const asking = withQueue(options, async ({ connection, tierlab }) => {
    const run = await readRun(connection.redis, name)
    await using cells = new Cells(connection.redis, run.tierlab)
    const end = performance.now() + limit_ms
    let states = await statesOf(connection, cells, run)
    while (!isOver(states) && performance.now() < end && !interrupt.signal.aborted) {
      await sleep(Math.min(LOOK_MS, end - performance.now()), undefined, { signal: interrupt.signal }).catch(() => {})
      states = await statesOf(connection, cells, run)
    }
    const workers = await workersOf(cells)
    if (options.json) process.stdout.write(`${JSON.stringify(documentOf(run, states, workers), null, 1)}\n`)
    else process.stdout.write(wordsOf(run, states, workers, run.tierlab === tierlab))
    return statusOfStates(states)
  })
  const status = await interrupt.during(asking)
  if (interrupt.signal.aborted) throw new Interrupted('Interrupted.')
  return status
}

function limitOf(wait: string | true | undefined): number {
  if (wait === undefined) return 0
  const seconds = wait === true ? Number.POSITIVE_INFINITY : Number(wait)
  if (!(seconds > 0)) throw new UsageError(`--wait takes a number of seconds, not “${wait}”.`)
  return seconds * 1000
}

/** That of the run; could not tell, while a cell has no result. */
function statusOfStates(states: readonly PlannedState[]): number {
  const verdicts = states.flatMap((one) => (one.state === 'done' ? [{ verdict: { verdict: one.result.verdict } }] : []))
  if (verdicts.some(({ verdict }) => isFailure(verdict))) return EXIT.disagreed
  return states.some(({ state }) => state !== 'done' && state !== 'skipped') ? EXIT.unknown : statusOfResults(verdicts)
}

/** Names of workers that are connected, those that have nothing to do as well. */
async function workersOf({ queue }: Cells): Promise<string[]> {
  const workers = await queue.getWorkers().catch(() => [])
  return workers.flatMap(({ rawname = '' }) => /:w:(.+)$/.exec(rawname)?.[1] ?? []).sort()
}

function documentOf({ name, tierlab, added_at }: QueuedRun, states: readonly PlannedState[], workers: string[]) {
  const cells = states.map(({ cell, digest, ...state }) => ({
    ...{ scenario: cell.scenario, kernel: cell.kernel.name, repetition: cell.repetition, digest },
    ...state,
  }))
  return { run: name, tierlab, added_at, workers, counts: countsOf(states), cells }
}

function wordsOf({ name, tierlab }: QueuedRun, states: readonly PlannedState[], workers: string[], ours: boolean) {
  const style = styleFor(process.stdout)
  const { verdicts, ...counts } = countsOf(states)
  const subject = ({ cell }: PlannedState) => [cell.kernel.name, printable(cell.scenario)]
  const rows = states.flatMap((one): string[][] => {
    if (one.state === 'active') return [['active', `${one.by} since ${one.since}`, ...subject(one)]]
    if (one.state === 'failed') return [['failed', printable(one.reason), ...subject(one)]]
    if (one.state === 'lost') return [['lost', 'add the run again', ...subject(one)]]
    if (one.state === 'done' && one.later.length > 0) return [['twice', twiceWords(one), ...subject(one)]]
    return []
  })
  const total = (['waiting', 'active', 'done', 'failed', 'lost', 'skipped'] as const).flatMap((state) =>
    counts[state] === 0 ? [] : [`${counts[state]} ${state}`],
  )
  const came = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`)
  const other = ours ? '' : ` (for another tierlab, ${tierlab.slice(0, 16)})`
  const lines = [
    `${style.bold(`${name}: ${total.join(', ') || 'no cells'}`)}${other}`,
    ...(came.length > 0 ? [`verdicts: ${came.join(', ')}`] : []),
    `workers: ${workers.join(', ') || 'none'}`,
  ]
  return `${columns(rows)}${lines.join('\n')}\n`
}

function twiceWords({ result, later }: Extract<PlannedState, { state: 'done' }>): string {
  const verdicts = [result, ...later].map(({ verdict, by }) => `${verdict} by ${by}`)
  return verdicts.join(', then ')
}
