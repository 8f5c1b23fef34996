import { messageOf } from '../base/errors.ts'
import type { Wish } from '../report/format.ts'
import { reportFor } from '../report/report.ts'
import { mergeShards } from '../run/merge.ts'
import { tellRecorded } from './tell-recorded.ts'

/** `tierlab merge`: one run of several shards, and its report, with all that was planned and is not there. */
export async function mergeCommand(
  folders: readonly string[],
  options: { readonly out: string; readonly format?: readonly Wish[]; readonly verbose?: boolean },
): Promise<number> {
  const { out, format = [], verbose = false } = options
  const report = reportFor(format, { out: process.stdout, err: process.stderr, verbose })
  try {
    return await tellRecorded(out, report, await mergeShards(folders, out))
  } catch (error) {
    report.event({ type: 'stop', sentence: messageOf(error) })
    throw error
  } finally {
    report.close()
  }
}
