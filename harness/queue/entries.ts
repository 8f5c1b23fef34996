import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import { HostError } from '../base/errors.ts'
import { FINGERPRINT } from '../base/fingerprint.ts'
import { keyOf, MANIFEST } from '../base/manifest.ts'
import { hashOf, type Store } from '../base/store.ts'
import { forgetBytes, keepBytes } from './bytes.ts'
import { sendFolder } from './folder.ts'
import { entryKey } from './names.ts'

/** An entry of the cache that was sent: its key, and the digest of its files. */
export const SentEntry = z.object({ key: z.json(), sha256: z.string(), bytes: z.number() })
export type SentEntry = z.infer<typeof SentEntry>

/** What Redis has of an entry; undefined when it has none. */
export async function sentEntry(redis: Redis, kind: string, hash: string): Promise<SentEntry | undefined> {
  const text = await redis.get(entryKey(kind, hash))
  return text === null ? undefined : SentEntry.parse(JSON.parse(text))
}

/** Sends an entry of the cache, without what belongs to one machine: the store at the other end makes that anew. */
export async function sendEntry(
  redis: Redis,
  store: Store,
  { kind, hash, keep_s }: { readonly kind: string; readonly hash: string; readonly keep_s: number },
): Promise<SentEntry> {
  const there = await sentEntry(redis, kind, hash)
  if (there !== undefined && (await keepBytes(redis, there.sha256, keep_s))) {
    await redis.expire(entryKey(kind, hash), keep_s)
    return there
  }
  const folder = join(store.root, kind, hash)
  const key = await keyOf(folder)
  if (key === undefined || hashOf(key) !== hash)
    throw new HostError(`${folder} is not what its name says. “tierlab cache verify” says what else is damaged.`)
  const entry = {
    key: z.json().parse(key),
    ...(await sendFolder(redis, folder, { keep_s, without: [MANIFEST, FINGERPRINT] })),
  }
  await redis.set(entryKey(kind, hash), JSON.stringify(entry), 'EX', keep_s)
  return entry
}

/** Takes an entry out of Redis. */
export async function forgetEntry(redis: Redis, kind: string, hash: string): Promise<void> {
  const there = await sentEntry(redis, kind, hash)
  if (there === undefined) return
  await redis.del(entryKey(kind, hash))
  await forgetBytes(redis, there.sha256)
}

/** How many bytes of entries of one kind Redis holds. */
export async function sentBytes(redis: Redis, kind: string): Promise<number> {
  let total = 0
  for await (const keys of redis.scanStream({ match: entryKey(kind, '*'), count: 1000 }))
    for (const text of keys.length > 0 ? await redis.mget(keys) : [])
      if (text !== null) total += SentEntry.parse(JSON.parse(text)).bytes
  return total
}
