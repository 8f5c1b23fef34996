import { type CachedEntry, cachedEntries, cacheRests, pruneCache, totalBytes, verifyCache } from '../base/cache.ts'
import { messageOf, UsageError } from '../base/errors.ts'
import { forgetUses } from '../base/in-use.ts'
import { GiB, parseSize, roughSize } from '../base/size.ts'
import { Store } from '../base/store.ts'
import { columns } from '../report/columns.ts'
import { printable } from '../report/width.ts'
import { VERSION } from '../version.ts'
import { agoWords, describeEntries, describeRest } from './cache-words.ts'
import { EXIT } from './exit-status.ts'
import { Interrupt } from './interrupt.ts'

/** What the cache may hold when nobody says otherwise. */
const BOUND_BYTES = 5 * GiB

/** `tierlab cache list`. */
export async function listCacheCommand({ json = false }: { json?: boolean }): Promise<number> {
  const store = new Store()
  const entries = await cachedEntries(store)
  const whats = await describeEntries(entries)
  const rests = await cacheRests(store)
  const total = totalBytes([...entries, ...rests])
  if (json) {
    const shown = entries.map(({ kind, hash, bytes, used, in_use, folder }, index) => ({
      ...{ kind, hash, what: whats[index] ?? '', bytes, used: used.toISOString(), in_use, folder },
    }))
    const document = { tierlab: VERSION, root: store.root, bytes: total, entries: shown, others: rests }
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    return EXIT.passed
  }
  const rows = entries.map(({ kind, hash, bytes, used, in_use }, index) => [
    ...[kind, hash.slice(0, 12), roughSize(bytes), in_use ? 'in use' : agoWords(used), printable(whats[index] ?? '')],
  ])
  const others = rests.map((rest) => [rest.folder, '–', roughSize(rest.bytes), '–', describeRest(rest)])
  process.stdout.write(columns([['KIND', 'ENTRY', 'SIZE', 'USED', 'WHAT'], ...rows, ...others], [2]))
  process.stdout.write(`${roughSize(total)} of at most ${roughSize(cacheBound())} in ${store.root}\n`)
  return EXIT.passed
}

/** `tierlab cache prune`. */
export async function pruneCacheCommand({ maxSize = cacheBound() }: { maxSize?: number }): Promise<number> {
  using interrupt = new Interrupt()
  const store = new Store()
  const removed = await interrupt.during(pruneCache(store, maxSize))
  const rows = removed.map(({ kind, hash, bytes }) => [`removed ${kind}`, hash.slice(0, 12), roughSize(bytes)])
  process.stdout.write(columns(rows, [2]))
  const left = totalBytes([...(await cachedEntries(store)), ...(await cacheRests(store))])
  const why = left > maxSize ? ', more than asked for: what is in use, or no entry, stays' : ''
  process.stdout.write(`${freed(removed)}, ${roughSize(left)} left${why}\n`)
  return EXIT.passed
}

/** `tierlab cache verify`. What is damaged is named and left: whoever needs it next makes it anew, and says so. */
export async function verifyCacheCommand(): Promise<number> {
  using interrupt = new Interrupt()
  let [sound, damaged] = [0, 0]
  const work = async () => {
    for await (const { entry, damage } of verifyCache(new Store())) {
      if (damage === null) sound += 1
      else {
        damaged += 1
        process.stdout.write(`damaged: ${entry.kind} ${entry.hash.slice(0, 12)}: ${damage} (${entry.folder})\n`)
      }
    }
  }
  await interrupt.during(work())
  process.stdout.write(`${sound} sound, ${damaged} damaged${damaged > 0 ? ', to be made anew when needed' : ''}\n`)
  return damaged > 0 ? EXIT.disagreed : EXIT.passed
}

/**
 * What a run does at its end. A sentence when something had to go, or could not: what the run came to does not depend
 * on it.
 */
export async function keepWithinBound(store: Store, bound: number): Promise<string | undefined> {
  try {
    await forgetUses(store.root)
    const removed = await pruneCache(store, bound, { all: false })
    if (removed.length === 0) return undefined
    return `The cache was beyond ${roughSize(bound)}: ${freed(removed)}. TIERLAB_CACHE_SIZE sets the bound.`
  } catch (error) {
    return `The cache could not be kept within ${roughSize(bound)}: ${messageOf(error)}`
  }
}

/** In bytes. Throws UsageError for words that are no size. */
export function cacheBound(text = process.env.TIERLAB_CACHE_SIZE ?? ''): number {
  if (text === '') return BOUND_BYTES
  const bytes = parseSize(text)
  if (bytes === undefined)
    throw new UsageError(`TIERLAB_CACHE_SIZE is “${text}”. Write it like 5GiB, 800MiB, or a number of bytes.`)
  return bytes
}

function freed(removed: readonly CachedEntry[]): string {
  const entries = `${removed.length} ${removed.length === 1 ? 'entry' : 'entries'}`
  return `${entries} removed, ${roughSize(totalBytes(removed))} freed`
}
