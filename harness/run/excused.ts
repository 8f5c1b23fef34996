import { parseRelease } from '../base/release.ts'
import { type KnownIssue, knownIssue } from '../model/known-issues.ts'
import type { World } from '../model/world.ts'
import type { RunHead } from './record.ts'

/** The known issue that a kernel is expected to show once the model has come to a world; undefined for none. */
export type Excused = (world: World) => KnownIssue | undefined

/**
 * What is excused in a run: by the release of its kernel, and by the day on which it was made, so that a record is
 * judged the same for ever. Nothing where the run asked for that (`--no-known-issues`).
 */
export function excusedBy(head: Pick<RunHead, 'kernel' | 'started_at' | 'known_issues'>): Excused {
  const release = parseRelease(head.kernel.release)
  const day = head.started_at.slice(0, 10)
  if (release === undefined || !head.known_issues) return () => undefined
  return ({ conditions }) => knownIssue(conditions, release, day)
}
