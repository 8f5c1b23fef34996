import { GuestLost, TierlabError } from '../base/errors.ts'
import { isFailure, isPass, type Verdict } from '../run/verdict.ts'

/** What the command's exit status says. 69 is EX_UNAVAILABLE and 70 EX_SOFTWARE of sysexits.h. */
export const EXIT = { passed: 0, disagreed: 1, usage: 2, unknown: 69, mistake: 70, interrupted: 130 } as const

/**
 * The status of a run of scenarios: a kernel that disagreed, complained, crashed or hung counts before what could not be
 * told. Skips do not fail, but when nothing else was done nothing is known.
 */
export function statusOfResults(results: readonly { readonly verdict: Pick<Verdict, 'verdict'> }[]): number {
  if (results.some(({ verdict }) => isFailure(verdict))) return EXIT.disagreed
  const broken = results.some(({ verdict }) => verdict.verdict === 'broken')
  return broken || !results.some(({ verdict }) => isPass(verdict)) ? EXIT.unknown : EXIT.passed
}

/** `git bisect run` takes 125 for a skip, ends at 128 and above, and takes all else but 0 for bad. */
export function statusForGit(status: number): number {
  if (status === EXIT.unknown) return 125
  return status === EXIT.passed || status === EXIT.disagreed ? status : 128 + (status % 128)
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
