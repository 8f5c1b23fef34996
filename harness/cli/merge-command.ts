import type { Wish } from '../report/format.ts'
import { reportFor } from '../report/report.ts'
import { mergeShards } from '../run/merge.ts'
import { readRecorded } from '../run/recorded.ts'
import { isFailure } from '../run/verdict.ts'
import { EXIT, statusOfResults } from './exit-status.ts'

/** `tierlab merge`: one run of several shards, and its report, with all that was planned and is not there. */
export async function mergeCommand(
  folders: readonly string[],
  options: { readonly out: string; readonly format?: readonly Wish[]; readonly verbose?: boolean },
): Promise<number> {
  const { out, format = [], verbose = false } = options
  const report = reportFor(format, { out: process.stdout, err: process.stderr, verbose })
  try {
    const missing = await mergeShards(folders, out)
    const { cells, results, unmade } = await readRecorded(out)
    report.event({ type: 'plan', cells, accel: [] })
    for (const result of results) report.event({ type: 'end', result })
    if (unmade.length === 0) return statusOfResults(results)
    const shards = missing.map((index) => `Shard ${index} is missing.`)
    const sentence = `${[...shards, ...unmade.slice(0, 5).map((words) => `${words.replace(/\.$/, '')}.`)].join(' ')}${unmade.length > 5 ? ` And ${unmade.length - 5} more.` : ''}`
    report.event({ type: 'stop', sentence })
    process.stderr.write(`tierlab: ${sentence}\n`)
    return results.some(({ verdict }) => isFailure(verdict)) ? EXIT.disagreed : EXIT.unknown
  } finally {
    report.close()
  }
}
