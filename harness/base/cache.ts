import { randomBytes } from 'node:crypto'
import { lstat, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from './errors.ts'
import { entriesInUse, noteUse, takeUnused } from './in-use.ts'
import { checkManifest } from './manifest.ts'
import { cacheError, type Store, sweepDrafts } from './store.ts'

/** An entry as `tierlab cache list` shows it. */
export interface CachedEntry {
  readonly kind: string
  readonly hash: string
  readonly folder: string
  /** On the disk, holes not counted. */
  readonly bytes: number
  readonly used: Date
  readonly in_use: boolean
}

/**
 * Kinds whose entries are places of work: source trees and what was compiled there. They are worth minutes, of a size of
 * their own, and 100,000 files, which are not counted at the end of each run.
 */
const WORK_KINDS = ['source', 'build']
/** A place of work that nobody has used for so long is removed by the next run. */
const WORK_IS_OLD_MS = 14 * 24 * 3600 * 1000

/** Every entry, the one that was used last first. What is no entry (apt's lists and packages) is not among them. */
export async function cachedEntries(store: Store, kinds?: readonly string[]): Promise<CachedEntry[]> {
  const used = await entriesInUse(store.root)
  const found: CachedEntry[] = []
  for (const kind of kinds ?? (await foldersIn(store.root)))
    for (const hash of await foldersIn(join(store.root, kind))) {
      if (!isHash(hash)) continue
      const folder = join(store.root, kind, hash)
      const last = await stat(folder).catch(() => undefined)
      if (last === undefined) continue // removed meanwhile
      const bytes = await bytesBelow(folder)
      found.push({ kind, hash, folder, bytes, used: last.mtime, in_use: used.has(`${kind}-${hash}`) })
    }
  return found.sort((a, b) => b.used.getTime() - a.used.getTime())
}

/** What lies in a folder of the cache and is no entry: apt's files, what is being built, notes. */
export interface CacheRest {
  readonly folder: string
  readonly bytes: number
}

/** Entries that a bound is about: all but places of work. */
async function boundEntries(store: Store): Promise<CachedEntry[]> {
  const kinds = (await foldersIn(store.root)).filter((kind) => !WORK_KINDS.includes(kind))
  return cachedEntries(store, kinds)
}

/** All that is no entry, by the folder in which it lies; `.` for the cache's own. */
export async function cacheRests(store: Store): Promise<CacheRest[]> {
  const rests: CacheRest[] = [{ folder: '.', bytes: await bytesBelow(store.root, (_, isFolder) => !isFolder) }]
  for (const folder of await foldersIn(store.root))
    rests.push({ folder, bytes: await bytesBelow(join(store.root, folder), (name) => !isHash(name)) })
  return rests.filter(({ bytes }) => bytes > 0)
}

/**
 * Removes entries, the least recently used first, until all of the cache is within the bound; never one in use, and
 * nothing that is being built. Drafts of processes that have died go as well. Places of work count as well unless
 * `all` is false; then those that are old go. Returns what was removed.
 */
export async function pruneCache(
  store: Store,
  bound_bytes: number,
  { all = true }: { readonly all?: boolean } = {},
): Promise<CachedEntry[]> {
  try {
    for (const kind of ['.', ...(await foldersIn(store.root))]) await sweepDrafts(join(store.root, kind))
    const old = all ? [] : await removeOldWork(store)
    const entries = all ? await cachedEntries(store) : await boundEntries(store)
    let total = totalBytes([...entries, ...(await cacheRests(store))])
    const removed: CachedEntry[] = [...old]
    for (const entry of entries.reverse()) {
      if (total <= bound_bytes) break
      if (entry.in_use || !(await removeEntry(store, entry))) continue
      total -= entry.bytes
      removed.push(entry)
    }
    return removed
  } catch (error) {
    throw cacheError(store.root, error)
  }
}

async function removeOldWork(store: Store): Promise<CachedEntry[]> {
  const used = await entriesInUse(store.root)
  const removed: CachedEntry[] = []
  for (const kind of WORK_KINDS)
    for (const hash of (await foldersIn(join(store.root, kind))).filter(isHash)) {
      const folder = join(store.root, kind, hash)
      const last = await stat(folder).catch(() => undefined)
      if (last === undefined || Date.now() - last.mtimeMs < WORK_IS_OLD_MS || used.has(`${kind}-${hash}`)) continue
      const entry = { kind, hash, folder, bytes: await bytesBelow(folder), used: last.mtime, in_use: false }
      if (await removeEntry(store, entry)) removed.push(entry)
    }
  return removed
}

/** Renames first, so that nobody finds half of it. False when another process uses it, or was faster. */
async function removeEntry(store: Store, entry: CachedEntry): Promise<boolean> {
  const away = join(store.root, entry.kind, `.draft-${process.pid}-${randomBytes(6).toString('hex')}`)
  try {
    if (!(await takeUnused(store.root, entry, () => rename(entry.folder, away)))) return false
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
  await rm(away, { recursive: true, force: true })
  return true
}

/** Reads every byte of every entry; yields each with what is wrong, or null. */
export async function* verifyCache(store: Store): AsyncGenerator<{ entry: CachedEntry; damage: string | null }> {
  for (const entry of await cachedEntries(store)) {
    // So that it is not removed while it is read.
    await noteUse(store.root, entry.kind, entry.hash)
    const found = await checkManifest(entry.folder, { whole: true })
    if (found.state !== 'missing') yield { entry, damage: found.state === 'damaged' ? found.why : null }
  }
}

export function totalBytes(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0)
}

function isHash(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name)
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

/** Bytes on the disk below a folder, of those parts of it that count. What goes away meanwhile is nothing. */
async function bytesBelow(
  folder: string,
  counts: (name: string, isFolder: boolean) => boolean = () => true,
): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name)
    if (!counts(entry.name, entry.isDirectory())) continue
    if (entry.isDirectory()) bytes += await bytesBelow(path)
    else bytes += ((await lstat(path).catch(() => undefined))?.blocks ?? 0) * 512
  }
  return bytes
}
