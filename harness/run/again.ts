import { DEFAULT_USERLAND } from '../../guest/userland.ts'
import { parseRelease } from '../base/release.ts'
import { shellLine } from '../base/shell-words.ts'
import { ASKED_FOR } from '../machine/accelerator.ts'
import { eraOf } from '../model/eras.ts'
import type { RunResult } from './events.ts'
import type { RunHead } from './record.ts'

/** What was said of a run on its command line that decides what it shows, its kernel and era aside. */
export function optionsOf({ accel, userland, known_issues }: RunHead): string[] {
  return [
    ...(accel.reason === ASKED_FOR ? ['--accel', accel.name] : []),
    ...(userland.family === DEFAULT_USERLAND ? [] : ['--userland', `debian:${userland.family}`]),
    ...(known_issues ? [] : ['--no-known-issues']),
  ]
}

/** The line that makes the same run again. The era is said where the version, by itself, would not give it. */
export function runAgain({ cell, options = [] }: RunResult): string {
  const { file, kernel, era } = cell
  const release = parseRelease(kernel.release)
  const own = release !== undefined && eraOf(release).name === era.name
  const words = ['--kernel', kernel.name, ...(own ? [] : ['--era', era.name]), ...options]
  return shellLine(['npx', 'tierlab', 'run', file, ...words])
}
