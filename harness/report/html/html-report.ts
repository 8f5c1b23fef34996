import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HostError, hasCode, messageOf, UsageError } from '../../base/errors.ts'
import type { RunResult } from '../../run/events.ts'
import { assets } from './assets.ts'
import type { Earlier } from './comparison.ts'
import { Gathering, type Source } from './gather.ts'
import { page } from './page.ts'
import { readRuns, runFolders } from './read-runs.ts'

export interface Written {
  /** The page. */
  readonly path: string
  readonly bytes: number
  readonly runs: number
}

/** Makes the page of some runs and writes it as index.html into a folder, which is made if need be. */
export async function writeHtmlReport(
  folder: string,
  sources: AsyncIterable<Source>,
  options: { readonly unread?: readonly string[]; readonly earlier?: Earlier | null } = {},
): Promise<Written> {
  const path = await placeFor(folder)
  const gathering = new Gathering()
  let runs = 0
  for await (const source of sources) {
    gathering.add(source)
    runs += 1
  }
  const text = page(gathering.finish(options.unread ?? [], options.earlier ?? null), await assets())
  await saved(folder, async () => {
    // Whoever has the page open never sees half of it.
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
  })
  return { path, bytes: Buffer.byteLength(text), runs }
}

/** The runs below a folder, to compare with. Runs that cannot be read are left out. Throws UsageError for none. */
export async function earlierRuns(path: string): Promise<Earlier> {
  const results: RunResult[] = []
  const begun: string[] = []
  for await (const { result, record } of readRuns(await runFolders([path]), [])) {
    results.push(result)
    if (record) begun.push(record.head.started_at)
  }
  begun.sort()
  const day = (text = '') => text.slice(0, 16).replace('T', ' ')
  return { words: `${path}, begun ${day(begun[0])} UTC`, results }
}

/** Before anything is read: a folder that cannot be written is found at once. */
async function placeFor(folder: string): Promise<string> {
  await saved(folder, () => mkdir(folder, { recursive: true }))
  return join(folder, 'index.html')
}

async function saved(folder: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write()
  } catch (cause) {
    if (hasCode(cause, 'EEXIST') || hasCode(cause, 'ENOTDIR') || hasCode(cause, 'EISDIR'))
      throw new UsageError(`${folder} is no folder, and cannot become one; the page is written into a folder.`, {
        cause,
      })
    throw new HostError(`The page cannot be written into ${folder} (${messageOf(cause)}).`, { cause })
  }
}
