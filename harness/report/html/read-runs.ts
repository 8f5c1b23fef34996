import { realpathSync } from 'node:fs'
import { messageOf, TierlabError, UsageError } from '../../base/errors.ts'
import type { RunResult } from '../../run/events.ts'
import { judged, runsBelow } from '../../run/rejudge.ts'
import { RunFolder } from '../../run/run-folder.ts'
import type { Verdict } from '../../run/verdict.ts'
import type { Source } from './gather.ts'
import { byNumbers } from './order.ts'

/** Folders of runs at or below some paths, each once; repetitions in their order. Throws UsageError for a path that has none. */
export async function runFolders(paths: readonly string[]): Promise<string[]> {
  const folders = new Map<string, string>()
  for (const path of paths) for (const folder of await runsBelow(path)) folders.set(realpathSync(folder), folder)
  return [...folders.values()].sort(byNumbers)
}

/**
 * Reads runs one after the other and judges them anew, as `tierlab judge` does: then and now are judged by one model. A
 * run that cannot be read is a sentence in `unread`. Throws UsageError when none can.
 */
export async function* readRuns(folders: readonly string[], unread: string[]): AsyncGenerator<Source> {
  let read = 0
  for (const path of folders) {
    const source = await readRun(path).catch((error: unknown) => {
      if (!(error instanceof TierlabError)) throw error
      unread.push(sentenceOn(path, error))
    })
    if (source === undefined) continue
    read += 1
    yield source
  }
  if (read === 0 && unread.length > 0) throw new UsageError(`None of the runs can be read: ${unread[0]}`)
}

async function readRun(path: string): Promise<Source> {
  const folder = new RunFolder(path)
  const record = await folder.read()
  const result = judged(record, path)
  return { result, record, judged_then: otherVerdict(result.verdict, await folder.readVerdict()) }
}

function sentenceOn(path: string, error: TierlabError): string {
  const message = messageOf(error)
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()
  return message.includes(path) ? message : `${path}: ${message}`
}

function otherVerdict(now: Verdict, then: Pick<Verdict, 'verdict' | 'reason'> | null): string | null {
  if (then === null || (then.verdict === now.verdict && then.reason === now.reason)) return null
  return then.reason === '' ? then.verdict : `${then.verdict}: ${then.reason}`
}

/** The runs that were just made, with their records. What could not be recorded has its verdict alone. */
export async function* recordsOf(results: readonly RunResult[]): AsyncGenerator<Source> {
  for (const result of results) {
    const record = result.record === null ? null : await new RunFolder(result.record).read().catch(() => null)
    yield { result, record, judged_then: null }
  }
}
