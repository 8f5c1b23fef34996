import type { Session } from '../session/session.ts'
import { type Observation, parseFiles } from './observation.ts'

/** Where the guest image holds guest/observe. */
const OBSERVE = '/usr/lib/tierlab/observe'
const LIMIT_MS = 30_000
/**
 * In the kernel's words for a task that has died in it. What such a task was to do will not be done, and what needs its
 * locks waits for ever: an observation is given this long then, and its end after a kill this long.
 * Source: arch/x86/kernel/dumpstack.c, __die_header() (6.1).
 */
const OOPS = 'Oops: '
const AFTER_OOPS_MS = { limit: 4_000, grace: 1_000 }
const MARK_MS = 10_000

/** Whether a task has died in the guest's kernel since that position on the console. */
export function hasOopsed({ vm }: Session, since: number): boolean {
  return vm.console.since(since).some((line) => line.includes(OOPS))
}

/** The text that marks a moment on the console. */
export function markText(number: number): string {
  return `tierlab: mark ${number}`
}

export interface Observed {
  readonly observation: Observation
  /** Output of the observation as it came. */
  readonly raw: string
  readonly duration_ms: number
  /** Position on the console after the observation. */
  readonly position: number
}

/**
 * Reads the guest's state. A mark is written to the kernel's log first, so that every message from before it has
 * reached the console when the mark has.
 * Throws GuestLost when the guest does not answer.
 */
export async function observe(session: Session, number: number, since: number): Promise<Observed> {
  const mark = markText(number)
  const script = `echo '${mark}' > /dev/kmsg; . ${OBSERVE}`
  const { console } = session.vm
  const { stdout, duration_ms, timed_out } = hasOopsed(session, since)
    ? await session.read(script, AFTER_OOPS_MS.limit, AFTER_OOPS_MS.grace)
    : await session.read(script, LIMIT_MS)
  if (timed_out) throw session.vm.lost('Reading sysfs in the guest hung', 'silent')
  if (!(await console.waitFor(mark, since, MARK_MS)))
    throw session.vm.lost('The guest answers, but its console has gone silent', 'silent')
  const raw = stdout.toString('latin1')
  const messages = console.since(since).filter((line) => !line.includes('tierlab: mark'))
  return { observation: { files: parseFiles(raw), messages }, raw, duration_ms, position: console.position }
}
