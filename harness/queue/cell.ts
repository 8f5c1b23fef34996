import { z } from 'zod'
import { hashOf } from '../base/store.ts'
import { RecordedScenario } from '../run/record.ts'
import { SentEntry } from './entries.ts'

/** A kernel by its content. `sent`: it travels; else each worker has Debian's. */
const QueuedKernel = z.object({
  ...{ spec: z.string(), name: z.string(), release: z.string(), hash: z.string() },
  sent: SentEntry.extend({ entry: z.string() }).exactOptional(),
})
export type QueuedKernel = z.infer<typeof QueuedKernel>

/** How a cell is run, as far as its result depends on it. */
export const Manner = z.object({
  fresh: z.boolean(),
  verify_restore: z.boolean(),
  known_issues: z.boolean(),
  userland: z.string().exactOptional(),
  boot_limit_ms: z.number().exactOptional(),
})
export type Manner = z.infer<typeof Manner>

/** One run to be made, as data: all that a worker needs to know. */
export const QueuedCell = z.object({
  /** Which tierlab is to judge it. */
  tierlab: z.string(),
  scenario: RecordedScenario,
  file: z.string(),
  kernel: QueuedKernel,
  era: z.string(),
  repetition: z.int().exactOptional(),
  /** How many of the first steps others of its plan begin with too. */
  shared: z.int(),
  manner: Manner,
})
export type QueuedCell = z.infer<typeof QueuedCell>

/** Names a cell by what decides its result: SHA-256, in hex. Where it came from and how it travels do not. */
export function digestOf({ tierlab, scenario, kernel, era, repetition = 1, manner }: QueuedCell): string {
  const content = { tierlab, scenario, kernel: kernel.hash, era, repetition, manner }
  return hashOf(z.json().parse(JSON.parse(JSON.stringify(content))))
}
