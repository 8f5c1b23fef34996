import { messageOf } from '../base/errors.ts'
import type { Wish } from '../report/format.ts'
import { reportFor } from '../report/report.ts'
import { tellRecorded } from './tell-recorded.ts'

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
    return await tellRecorded(folder, report)
  } catch (error) {
    report.event({ type: 'stop', sentence: messageOf(error) })
    throw error
  } finally {
    report.close()
  }
}
