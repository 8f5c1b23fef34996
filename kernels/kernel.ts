import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../harness/base/errors.ts'
import type { Release } from '../harness/base/release.ts'
import type { Entry, Store } from '../harness/base/store.ts'
import type { Package } from './apt.ts'

/** A kernel that QEMU can boot, and the modules for its guest. */
export interface Kernel {
  /** As the user wrote it. */
  readonly spec: string
  /** The word that means exactly this one for as long as Debian, or the cache, has it: `debian:6.1.192-2`. */
  readonly name: string
  /** As `uname -r` says it: `6.1.0-56-cloud-amd64`. */
  readonly release: string
  /** What kernel.org released, which Debian's releases need not say: [6, 1, 192]. */
  readonly version: Release
  /** Path of the bzImage or vmlinux. */
  readonly image: string
  /** Path of its build configuration, when that is known. */
  readonly config: string | undefined
  /** The symbols that are set in it, to y or m; undefined when it is not known. */
  readonly symbols?: ReadonlySet<string>
  /**
   * The folder that holds lib/modules/RELEASE with uncompressed modules, those that guests want and their dependencies,
   * and depmod's indexes; undefined for an image of the user's without modules.
   */
  readonly modulesFolder: string | undefined
  /** Of a kernel that counts which of its lines ran: the compiler's notes (`mm/memory-tiers.gcno`), and its gcov. */
  readonly gcov?: { readonly folder: string; readonly program: string }
  /** Names the content: equal for equal images and modules. */
  readonly hash: string
}

/** What an entry of the cache says of the kernel in it, in kernel.json. */
export interface KernelRecord {
  readonly name: string
  readonly release: string
  readonly version: Release
  readonly config: boolean
  readonly modules: boolean
  /** Where it came from, to fetch it again should the entry be damaged; none for an image of the user's. */
  readonly family?: string
  readonly packages: readonly Package[]
  /** Of one that was built: the hash of image and modules, for different sources may give the same kernel. */
  readonly content?: string
  /** Of one that counts which of its lines ran: the program that reads the counts. */
  readonly gcov?: string
}

/** The cache's kind of entry. */
export const KIND = 'kernel'

const IMAGE = 'vmlinuz'
const CONFIG = 'config'
const RECORD = 'kernel.json'
/** The folder of the compiler's notes. */
export const GCOV = 'gcov'

/** Paths in the folder of an entry, under construction or done. */
export function kernelPaths(folder: string): { image: string; config: string } {
  return { image: join(folder, IMAGE), config: join(folder, CONFIG) }
}

export async function writeRecord(folder: string, record: KernelRecord): Promise<void> {
  await writeFile(join(folder, RECORD), JSON.stringify(record, null, 1))
}

/** The kernel in an entry of the cache. */
export async function kernelOf(spec: string, { folder, hash }: Entry, name?: string): Promise<Kernel> {
  const record = await readRecord(folder)
  const paths = kernelPaths(folder)
  const config = record.config ? await readFile(paths.config, 'utf8') : undefined
  return {
    spec,
    name: name ?? record.name,
    release: record.release,
    version: record.version,
    image: paths.image,
    config: config === undefined ? undefined : paths.config,
    ...(config !== undefined && { symbols: symbolsIn(config) }),
    modulesFolder: record.modules ? folder : undefined,
    ...(record.gcov !== undefined && { gcov: { folder: join(folder, GCOV), program: record.gcov } }),
    hash: record.content ?? hash,
  }
}

function symbolsIn(config: string): Set<string> {
  return new Set([...config.matchAll(/^(CONFIG_\w+)=[ym]$/gm)].map(([, symbol = '']) => symbol))
}

/** What the cache says it holds; whether that is undamaged shows when it is used. */
export async function cachedKernels(store: Store): Promise<KernelRecord[]> {
  const folder = join(store.root, KIND)
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  })
  const records = names
    .filter((name) => !name.startsWith('.'))
    .map((name) => readRecord(join(folder, name)).catch(() => undefined))
  const found = (await Promise.all(records)).filter((record) => record !== undefined)
  return found.filter(({ packages }) => Array.isArray(packages))
}

async function readRecord(folder: string): Promise<KernelRecord> {
  return JSON.parse(await readFile(join(folder, RECORD), 'utf8'))
}
