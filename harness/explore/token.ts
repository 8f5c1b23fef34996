import { UsageError } from '../base/errors.ts'
import { eraNamed } from '../model/eras.ts'

/**
 * Which machines come of a seed, and which moves there are at a moment, and in which order. Another number for each change:
 * a token of another generator means other steps. `test/explore` holds it to what it made when it got its number.
 */
export const GENERATOR = 2

/** All that a composed run is: its machine’s seed, and the move that was chosen at each moment. */
export interface Token {
  readonly era: string
  readonly machine: number
  readonly choices: readonly number[]
}

/** One word, like `2/6.12/7p/1.0.a4`; numbers are in base 36. */
export function formatToken({ era, machine, choices }: Token): string {
  return [GENERATOR, era, base36(machine), choices.map(base36).join('.')].join('/')
}

/** Throws UsageError for what is no token, or is one of another generator. */
export function parseToken(text: string): Token {
  const [, generator, era = '', machine = '', choices = ''] =
    /^(\d+)\/([\w.]+)\/([0-9a-z]+)\/([0-9a-z]+(?:\.[0-9a-z]+)*)$/.exec(text) ?? []
  if (generator === undefined)
    throw new UsageError(`“${text}” is no token of an exploration; one is like 2/6.12/7p/1.0.a4.`)
  if (Number(generator) !== GENERATOR)
    throw new UsageError(
      `“${text}” is a token of generator ${generator}, and this version of tierlab has generator ${GENERATOR}: take the scenario that was written instead.`,
    )
  return {
    era: eraNamed(era).name,
    machine: parseInt(machine, 36),
    choices: choices.split('.').map((word) => parseInt(word, 36)),
  }
}

function base36(value: number): string {
  return value.toString(36)
}
