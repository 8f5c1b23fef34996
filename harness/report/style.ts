import type { VerdictName } from '../run/verdict.ts'
import type { Sink } from './sink.ts'

type Paint = (text: string) => string

/** Colours, or none. */
export interface Style {
  readonly colour: boolean
  readonly bold: Paint
  readonly dim: Paint
  verdict(name: VerdictName, text?: string): string
}

/** Colour only for a person at a terminal who has not said otherwise. Source: https://no-color.org. */
export function styleFor({ isTTY }: Sink, env: Readonly<Record<string, string | undefined>> = process.env): Style {
  const colour = isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  const paint = (code: string): Paint => (colour ? (text) => `\x1b[${code}m${text}\x1b[0m` : (text) => text)
  const verdicts: Record<VerdictName, Paint> = {
    pass: paint('32'),
    fail: paint('31;1'),
    splat: paint('31;1'),
    crash: paint('31;1'),
    hang: paint('31;1'),
    known: paint('33'),
    broken: paint('33;1'),
    skip: paint('2'),
  }
  return {
    colour,
    bold: paint('1'),
    dim: paint('2'),
    verdict: (name, text = name) => verdicts[name](text),
  }
}
