import type { Redis } from 'ioredis'
import { z } from 'zod'
import { UsageError } from '../base/errors.ts'
import { PlanFile } from '../run/plan-file.ts'
import { KEEP_S, runKey } from './names.ts'

/** A run that was added: its plan, and of each of its cells the digest, null for one that is skipped. */
export const QueuedRun = z.object({
  name: z.string(),
  tierlab: z.string(),
  added_at: z.string(),
  plan: PlanFile,
  digests: z.array(z.string().nullable()),
})
export type QueuedRun = z.infer<typeof QueuedRun>

/** Keeps a run under its name. Throws UsageError when there is another one of that name. */
export async function keepRun(redis: Redis, run: QueuedRun): Promise<void> {
  if ((await redis.set(runKey(run.name), JSON.stringify(run), 'EX', KEEP_S.run, 'NX')) === 'OK') return
  const there = await readRun(redis, run.name)
  if (JSON.stringify(there.digests) === JSON.stringify(run.digests) && there.plan.plan === run.plan.plan) return
  throw new UsageError(
    `There is a run ${run.name} with other cells, added ${there.added_at}. Choose another --name, or take it out ` +
      `with “tierlab queue remove ${run.name}”.`,
  )
}

/** A run by its name; where there is one only, without. Throws UsageError when there is none, or none is named. */
export async function readRun(redis: Redis, name?: string): Promise<QueuedRun> {
  const names = await runNames(redis)
  const [only] = names
  const wanted = name ?? (names.length === 1 ? only : undefined)
  const text = wanted === undefined ? null : await redis.get(runKey(wanted))
  const offered = names.length === 0 ? '“tierlab queue add” makes one.' : `There are: ${names.join(', ')}.`
  if (text !== null) return QueuedRun.parse(JSON.parse(text))
  throw new UsageError(wanted === undefined ? `Name a run. ${offered}` : `There is no run ${wanted}. ${offered}`)
}

export async function runNames(redis: Redis): Promise<string[]> {
  const found: string[] = []
  for await (const keys of redis.scanStream({ match: runKey('*'), count: 1000 })) found.push(...keys)
  return [...new Set(found)].map((key) => key.slice(runKey('').length)).sort()
}

/** All runs that there are. */
export async function allRuns(redis: Redis): Promise<QueuedRun[]> {
  const names = await runNames(redis)
  const texts = names.length === 0 ? [] : await redis.mget(names.map(runKey))
  // One may have been taken out meanwhile.
  return texts.flatMap((text) => (text === null ? [] : [QueuedRun.parse(JSON.parse(text))]))
}

export async function forgetRun(redis: Redis, name: string): Promise<void> {
  await redis.del(runKey(name))
}
