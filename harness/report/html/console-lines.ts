import { complaintsIn } from '../../compare/health.ts'
import type { ConsoleLine } from './view/data.ts'

/**
 * Of each step's messages the first and the last of these, and all lines of a complaint: the record has the rest.
 * A console that a kernel floods must not make the page large.
 */
export const CONSOLE_LIMITS = { first: 150, last: 150, complaints: 8, characters: 400 } as const

/** The messages of a step as the page has them: complaints marked, cut where there are too many. */
export function consoleLines(messages: readonly string[]): ConsoleLine[] {
  const marks = new Map<number, { bad: string; first?: true }>()
  for (const { name, from, to } of complaintsIn(messages).slice(0, CONSOLE_LIMITS.complaints))
    for (let at = from; at < to; at += 1) marks.set(at, { bad: name, ...(at === from && { first: true }) })
  const kept = (index: number) =>
    index < CONSOLE_LIMITS.first || index >= messages.length - CONSOLE_LIMITS.last || marks.has(index)
  const lines: ConsoleLine[] = []
  let left_out = 0
  for (const [index, message] of messages.entries()) {
    if (!kept(index)) {
      left_out += 1
      continue
    }
    if (left_out > 0) lines.push({ left_out })
    left_out = 0
    lines.push({ text: short(message), ...marks.get(index) })
  }
  return lines
}

function short(text: string): string {
  return text.length > CONSOLE_LIMITS.characters ? `${text.slice(0, CONSOLE_LIMITS.characters)}…` : text
}
