import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { CachedEntry, CacheRest } from '../base/cache.ts'
import { keyOf } from '../base/manifest.ts'

/** What each entry is to its reader, where it or its key says so; else nothing. */
export async function describeEntries(entries: readonly CachedEntry[]): Promise<string[]> {
  const kernels = new Map<string, string>()
  for (const { kind, hash, folder } of entries)
    if (kind === 'kernel') kernels.set(hash, await wordIn(join(folder, 'kernel.json'), 'name'))
  return Promise.all(entries.map((entry) => describe(entry, kernels)))
}

async function describe({ kind, hash, folder }: CachedEntry, kernels: ReadonlyMap<string, string>): Promise<string> {
  switch (kind) {
    case 'kernel':
      return kernels.get(hash) ?? ''
    case 'checkpoint':
      return wordIn(join(folder, 'checkpoint.json'), 'label')
    case 'accelerator':
      return wordIn(join(folder, 'trial.json'), 'reason')
    case 'userland':
      return wordOf(await keyOf(folder), 'family')
    case 'source':
    case 'build':
      return wordIn(join(folder, 'origin.json'), 'name')
    case 'initramfs':
      return kernels.get(wordOf(await keyOf(folder), 'modules')) ?? ''
    default:
      return ''
  }
}

/** What is in the cache beside entries. */
export function describeRest({ folder }: CacheRest): string {
  if (folder === 'apt') return 'package lists and packages, which stay'
  return folder === '.' || folder === 'in-use' ? 'notes' : 'being built'
}

/** `just now`, `5 min ago`, `3 h ago`, `2 days ago`. */
export function agoWords(then: Date, now: Date = new Date()): string {
  const minutes = Math.floor((now.getTime() - then.getTime()) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`
  return `${Math.floor(minutes / 60 / 24)} days ago`
}

async function wordIn(file: string, name: string): Promise<string> {
  try {
    return wordOf(JSON.parse(await readFile(file, 'utf8')), name)
  } catch {
    return ''
  }
}

function wordOf(facts: unknown, name: string): string {
  const found = z.record(z.string(), z.unknown()).safeParse(facts)
  const word = found.success ? found.data[name] : undefined
  return typeof word === 'string' ? word : ''
}
