import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

/** Where the fingerprint of a folder's files lies. */
export const FINGERPRINT = 'fingerprint.json'

/**
 * What the file system tells of files without reading them. Whoever writes to a file changes its ctime, which no
 * program can set: a file with the same size, times and inode as before has the same bytes.
 */
export interface Look {
  /** Before the first file was looked at; nanoseconds since the epoch. */
  readonly taken: bigint
  readonly files: Readonly<Record<string, string>>
  /** False when a file is so young that one more write, within the same tick of the clock, would leave no trace. */
  readonly settled: boolean
}

const Kept = z.object({ of: z.string(), taken: z.string(), files: z.record(z.string(), z.string()) })

/** Clocks of file systems tick at most this coarsely. */
const TICK_MS = 50

/**
 * Looks at the files, which must come before they are read: what is written while they are read, or after that, then
 * shows in the next look.
 */
export async function lookAt(folder: string, paths: readonly string[]): Promise<Look> {
  const taken = nanoseconds(Date.now())
  const stats = await Promise.all(paths.map((path) => stat(join(folder, path), { bigint: true })))
  const words = stats.map(({ size, mtimeNs, ctimeNs, ino }) => `${size} ${mtimeNs} ${ctimeNs} ${ino}`)
  return {
    taken,
    files: Object.fromEntries(paths.map((path, index) => [path, words[index] ?? ''])),
    settled: stats.every(({ ctimeNs }) => isOlder(ctimeNs, taken)),
  }
}

/** As lookAt, for files that were written just now: waits for the clock's next tick, so that the look can be trusted. */
export async function lookAtNew(folder: string, paths: readonly string[]): Promise<Look> {
  const look = await lookAt(folder, paths)
  if (look.settled) return look
  await sleep(TICK_MS + 10)
  return lookAt(folder, paths)
}

/** Keeps a look, with a word that names what the files were compared with. What cannot be kept is only time. */
export async function keepLook(folder: string, { taken, files }: Look, of: string): Promise<void> {
  const kept: z.infer<typeof Kept> = { of, taken: String(taken), files: { ...files } }
  await writeFile(join(folder, FINGERPRINT), JSON.stringify(kept)).catch(() => {})
}

/** Whether the files look as they did when the look was kept, and were settled by then. */
export async function looksAsKept(folder: string, paths: readonly string[], of: string): Promise<boolean> {
  try {
    const kept = Kept.parse(JSON.parse(await readFile(join(folder, FINGERPRINT), 'utf8')))
    if (kept.of !== of) return false
    const { files } = await lookAt(folder, paths)
    return paths.every((path) => kept.files[path] === files[path] && isOlder(ctimeOf(files[path]), BigInt(kept.taken)))
  } catch {
    return false
  }
}

function isOlder(ctime: bigint, taken: bigint): boolean {
  return ctime + nanoseconds(TICK_MS) < taken
}

function ctimeOf(words = ''): bigint {
  return BigInt(words.split(' ')[2] ?? 0)
}

function nanoseconds(milliseconds: number): bigint {
  return BigInt(milliseconds) * 1_000_000n
}
