import type { Report } from '../report/report.ts'
import { readRecorded } from '../run/recorded.ts'
import { isFailure } from '../run/verdict.ts'
import { EXIT, statusOfResults } from './exit-status.ts'

/** Tells a report what is recorded in a folder; resolves to the exit status. What was planned and not run is no pass. */
export async function tellRecorded(folder: string, report: Report, missing: readonly number[] = []): Promise<number> {
  const { cells, results, unmade } = await readRecorded(folder)
  report.event({ type: 'plan', cells, accel: [] })
  for (const result of results) report.event({ type: 'end', result })
  if (unmade.length === 0) return statusOfResults(results)
  const shards = missing.map((index) => `Shard ${index} is missing.`)
  const first = unmade.slice(0, 5).map((words) => `${words.replace(/\.$/, '')}.`)
  const more = unmade.length > first.length ? [`And ${unmade.length - first.length} more.`] : []
  const sentence = [...shards, ...first, ...more].join(' ')
  report.event({ type: 'stop', sentence })
  process.stderr.write(`tierlab: ${sentence}\n`)
  return results.some(({ verdict }) => isFailure(verdict)) ? EXIT.disagreed : EXIT.unknown
}
