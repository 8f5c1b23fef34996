import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
// Recorded steps are revived by the kinds that the public API defines.
import { UsageError } from '../base/errors.ts'
import type { RunResult } from './events.ts'
import { timingsOf, withOptions } from './execute.ts'
import type { RunRecord } from './record.ts'
import { RunFolder } from './run-folder.ts'
import { judge } from './verdict.ts'

/** The folders of runs at or below a path, sorted. Throws UsageError when there is none. */
export async function runsBelow(path: string): Promise<string[]> {
  if (!existsSync(path))
    throw new UsageError(`There is no folder ${path}. Runs are kept where --out said, or in runs/.`)
  const entries = statSync(path).isDirectory() ? await readdir(path, { recursive: true, withFileTypes: true }) : []
  // A link (`latest`) is not followed: what it names is counted once.
  const folders = entries
    .filter((entry) => entry.isFile() && entry.name === 'run.json')
    .map((entry) => entry.parentPath)
  if (folders.length === 0) throw new UsageError(`${path} holds no recorded run; a run's folder has a file run.json.`)
  return folders.sort()
}

/** What the model of today says of a recorded run. Nothing is booted, and the record stays as it is. */
export async function rejudge(path: string): Promise<RunResult> {
  return judged(await new RunFolder(path).read(), path)
}

/** The same of a record that was read, from the folder that is named. Pure. */
export function judged(record: RunRecord, path: string): RunResult {
  const { scenario, file, kernel, era, accel, command_line } = record.head
  const { start, fallback } = record.end
  return {
    cell: { scenario, file, kernel, era: { name: era } },
    ...{ accel, start, fallback, verdict: judge(record), record: path, command_line },
    ...withOptions(record.head),
    timings_ms: timingsOf(record.steps, record.end),
  }
}
