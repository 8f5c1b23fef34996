import type { Redis } from 'ioredis'
import { z } from 'zod'
import { VERDICTS } from '../run/verdict.ts'
import { forgetBytes } from './bytes.ts'
import { receiveFolder, sendFolder } from './folder.ts'
import { againKey, KEEP_S, resultKey } from './names.ts'

/** What became of a cell. The folder of its run is the one with this digest. */
export const Result = z.object({
  verdict: z.enum(VERDICTS),
  reason: z.string(),
  total_ms: z.number(),
  /** The worker. */
  by: z.string(),
  at: z.string(),
  sha256: z.string(),
  bytes: z.number(),
})
export type Result = z.infer<typeof Result>

/**
 * Keeps the result of a cell, unless there is one: the first that came is the cell's. Resolves to that one. A second
 * one's folder is not kept, but what it came to is.
 */
export async function keepResult(
  redis: Redis,
  digest: string,
  folder: string,
  facts: Omit<Result, 'sha256' | 'bytes'>,
): Promise<{ readonly first: Result; readonly mine: boolean }> {
  const result: Result = { ...facts, ...(await sendFolder(redis, folder, { keep_s: KEEP_S.run })) }
  if ((await redis.set(resultKey(digest), JSON.stringify(result), 'EX', KEEP_S.run, 'NX')) === 'OK')
    return { first: result, mine: true }
  const first = await resultOf(redis, digest)
  if (first === undefined) return { first: result, mine: false }
  if (first.sha256 !== result.sha256) await forgetBytes(redis, result.sha256)
  await redis.rpush(againKey(digest), JSON.stringify(result))
  await redis.expire(againKey(digest), KEEP_S.run)
  return { first, mine: false }
}

/** Undefined while there is none. */
export async function resultOf(redis: Redis, digest: string): Promise<Result | undefined> {
  const text = await redis.get(resultKey(digest))
  return text === null ? undefined : Result.parse(JSON.parse(text))
}

/** Results of the cell that came when there was one already. */
export async function laterResults(redis: Redis, digest: string): Promise<Result[]> {
  return (await redis.lrange(againKey(digest), 0, -1)).map((text) => Result.parse(JSON.parse(text)))
}

/** Unpacks the folder of a result's run. Throws ProtocolError when it is not the one that was made. */
export async function receiveRun(redis: Redis, { sha256 }: Result, folder: string): Promise<void> {
  await receiveFolder(redis, sha256, folder)
}

/** Takes results of a cell out of Redis. */
export async function forgetResult(redis: Redis, digest: string): Promise<void> {
  const result = await resultOf(redis, digest)
  await redis.del(resultKey(digest), againKey(digest))
  if (result !== undefined) await forgetBytes(redis, result.sha256)
}
