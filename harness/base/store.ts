import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, utimes } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { HostError, hasCode } from './errors.ts'
import { isRunning, noteUse } from './in-use.ts'
import { canonicalJson, type Json } from './json.ts'
import { whileLocked } from './lock.ts'
import { checkManifest, writeManifest } from './manifest.ts'

/**
 * A content-addressed cache: an entry is a folder named by the hash of its key, written beside its place and renamed
 * into it, so that several processes may fill one entry at once and none sees half of it. An entry that no longer
 * matches its manifest is built again.
 */
export class Store {
  readonly root: string
  constructor(root: string = defaultCacheRoot()) {
    this.root = root
  }

  /**
   * The folder of the entry for `key`, built by `build` when it is missing or damaged.
   * Throws HostError when the cache cannot be written or the disk is full.
   */
  async entry(kind: string, key: Json, build: (folder: string) => Promise<void>, onRepair?: Repair): Promise<Entry> {
    const hash = hashOf(key)
    const folder = join(this.root, kind, hash)
    await noteUse(this.root, kind, hash)
    if (!(await isSound(folder))) {
      await mkdir(join(this.root, kind), { recursive: true }).catch(() => {})
      // Several may want it now: one builds, the others wait for it.
      await whileLocked(join(this.root, kind, `.lock-${hash}`), () => this.#build(kind, key, build, onRepair))
    }
    // The folder's own time says when it was used last.
    await utimes(folder, new Date(), new Date()).catch(() => {})
    return { folder, hash }
  }

  async #build(kind: string, key: Json, build: (folder: string) => Promise<void>, onRepair?: Repair): Promise<void> {
    const hash = hashOf(key)
    const folder = join(this.root, kind, hash)
    const found = await checkManifest(folder)
    if (found.state === 'sound') return
    if (found.state === 'damaged') onRepair?.(`${kind}/${hash.slice(0, 12)}: ${found.why}; building it again`)
    const draft = join(this.root, kind, `.draft-${process.pid}-${randomBytes(6).toString('hex')}`)
    try {
      await sweepDrafts(join(this.root, kind))
      await mkdir(draft, { recursive: true })
      await build(draft)
      await writeManifest(draft, key)
      await this.#publish(draft, folder, found.state === 'damaged')
    } catch (error) {
      throw cacheError(this.root, error)
    } finally {
      await rm(draft, { recursive: true, force: true }).catch(() => {})
    }
  }

  async #publish(draft: string, folder: string, replace: boolean): Promise<void> {
    if (replace) {
      const old = `${draft}.old`
      await rename(folder, old).catch(() => {})
      await rm(old, { recursive: true, force: true })
    }
    try {
      await rename(draft, folder)
    } catch (error) {
      // Another process published the same content first: its entry is as good as ours.
      if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error
    }
  }
}

export interface Entry {
  readonly folder: string
  /** SHA-256 of the key, in hex. */
  readonly hash: string
}

/** Told, in a sentence, of an entry that had to be built again. */
export type Repair = (sentence: string) => void

/** $XDG_CACHE_HOME/tierlab, or ~/.cache/tierlab. */
export function defaultCacheRoot(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tierlab')
}

/** SHA-256 of the canonical JSON, in hex. */
export function hashOf(key: Json): string {
  return createHash('sha256').update(canonicalJson(key)).digest('hex')
}

async function isSound(folder: string): Promise<boolean> {
  return (await checkManifest(folder)).state === 'sound'
}

/** Removes what processes that were killed while they built have left. */
export async function sweepDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid] = /^\.(?:draft|depmod)-(\d+)-/.exec(name) ?? []
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** What a file system's error in the cache means to the user; any other error as it is. */
export function cacheError(root: string, error: unknown): unknown {
  if (hasCode(error, 'ENOSPC'))
    return new HostError(`The disk that holds the cache ${root} is full. Free some space, or set XDG_CACHE_HOME.`, {
      cause: error,
    })
  for (const code of ['EACCES', 'EROFS', 'EPERM'])
    if (hasCode(error, code))
      return new HostError(
        `The cache ${root} cannot be written (${code}). Make ${dirname(root)} writable, or set XDG_CACHE_HOME.`,
        { cause: error },
      )
  return error
}
