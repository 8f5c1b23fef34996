import { messageOf } from '../base/errors.ts'
import type { Wish } from '../report/format.ts'
import { reportFor } from '../report/report.ts'
import type { RunResult } from '../run/events.ts'
import { rejudge, runsBelow } from '../run/rejudge.ts'
import { statusOfResults } from './exit-status.ts'

/** `tierlab judge`: the same report as that of a run, from records alone. */
export async function judgeCommand(
  folder: string,
  options: { format?: readonly Wish[]; verbose?: boolean },
): Promise<number> {
  const report = reportFor(options.format ?? [], {
    out: process.stdout,
    err: process.stderr,
    verbose: options.verbose ?? false,
  })
  try {
    const results: RunResult[] = []
    for (const path of await runsBelow(folder)) results.push(await rejudge(path))
    report.event({ type: 'plan', cells: results.map(({ cell }) => cell), accel: [] })
    for (const result of results) report.event({ type: 'end', result })
    return statusOfResults(results)
  } catch (error) {
    report.event({ type: 'stop', sentence: messageOf(error) })
    throw error
  } finally {
    report.close()
  }
}
