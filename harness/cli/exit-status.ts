import { GuestLost, TierlabError } from '../base/errors.ts'
import type { RunResult } from '../run/events.ts'

/** What the command's exit status says. 69 is EX_UNAVAILABLE and 70 EX_SOFTWARE of sysexits.h. */
export const EXIT = { passed: 0, disagreed: 1, usage: 2, unknown: 69, mistake: 70, interrupted: 130 } as const

/**
 * The status of a run of scenarios: a kernel that disagreed, complained, crashed or hung counts before what could not be
 * told. Skips do not fail, but when nothing else was done nothing is known.
 */
export function statusOfResults(results: readonly Pick<RunResult, 'verdict'>[]): number {
  const verdicts = results.map(({ verdict }) => verdict.verdict)
  if (verdicts.some((name) => ['fail', 'splat', 'crash', 'hang'].includes(name))) return EXIT.disagreed
  if (verdicts.includes('broken') || !verdicts.some((name) => name === 'pass' || name === 'known')) return EXIT.unknown
  return EXIT.passed
}

/** The status for something thrown. */
export function statusOfError(error: unknown): number {
  if (error instanceof GuestLost)
    return error.how === 'exited' || error.how === 'silent' ? EXIT.disagreed : EXIT.unknown
  if (!(error instanceof TierlabError)) return EXIT.mistake
  switch (error.fault) {
    case 'usage':
    case 'machine':
      return EXIT.usage
    case 'guest-command':
      return EXIT.disagreed
    case 'host':
    case 'protocol':
    case 'source':
    case 'guest-lost':
      return EXIT.unknown
    case 'interrupted':
      return EXIT.interrupted
  }
}
