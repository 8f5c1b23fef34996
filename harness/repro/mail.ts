import { shellWord, shellWords } from '../base/shell-words.ts'
import { printable } from '../report/width.ts'
import type { Replay } from './replay.ts'
import { INITRAMFS, KERNEL } from './run-script.ts'

/** A mail that is read has fewer lines than this. */
export const MAIL_LINES = 60
const WIDTH = 100

/**
 * What a maintainer needs of a run, as a mail's text: kernel, machine, steps, what was expected and what came. `stack` is
 * the kernel's complaint, decoded or as it was said; `note` says which.
 */
export function mail(replay: Replay, machine: readonly string[], stack: readonly string[], note: string): string {
  const { record, verdict, steps } = replay
  const { scenario, kernel, qemu, accel, command_line } = record.head
  const at = verdict.step === 0 ? 'at boot' : `after step ${verdict.step}`
  const commands = steps.flatMap(({ chapter, literal }) =>
    literal
      .trim()
      .split('\n')
      .map((line, index) => `  ${(index === 0 ? `${chapter.index}.` : '').padEnd(4)}${cut(line.trim())}`),
  )
  const differences = verdict.differences.flatMap(({ path, expected, observed, rule }) => [
    `  ${cut(path)}`,
    `    expected ${cut(expected)}, observed ${cut(observed)}`,
    `    (${cut(rule)})`,
  ])
  const head = [
    `Subject: [BUG] ${subject(replay)} (${kernel.release})`,
    '',
    `${cut(scenario.name)}: ${cut(verdict.reason)}`,
    '',
    `Kernel:  ${kernel.release} (${kernel.name})`,
    `Machine: ${qemu}, ${accel.name}`,
    ...few(
      machine.map((line) => `  ${cut(line)}`),
      9,
    ),
    ...few(qemuLines(command_line), 10),
    '',
  ]
  const tail = ['', `tierlab ${record.head.tierlab}; a bundle with kernel and initramfs that repeats this can be had.`]
  const log =
    stack.length === 0 ? [] : ['', `Kernel log (${note}):`, ...stack.filter(isTelling).map((line) => `  ${cut(line)}`)]
  // The kernel's own words get what the rest leaves.
  const told = [
    ...few(['Steps, as root:', ...commands], 15),
    ...(differences.length === 0 ? [] : ['', `What differs ${at}:`, ...few(differences, log.length > 0 ? 6 : 18)]),
  ]
  const left = MAIL_LINES - 1 - head.length - told.length - tail.length
  return [...head, ...told, ...few(log, left), ...tail].map((line) => `${line.trimEnd()}\n`).join('')
}

function few(lines: readonly string[], most: number): string[] {
  return lines.length <= most ? [...lines] : [...lines.slice(0, most - 1), `  … ${lines.length - most + 1} more lines`]
}

/** Registers and bytes of code tell who has the record; here they would take the room of the stack. */
function isTelling(line: string): boolean {
  return !/^ *(R[A-Z0-9]{1,2}|RSP|CR\d|[FGDE]S|Code):/.test(line) || line.startsWith('RIP: 0010')
}

/** The line that boots it, broken where an option begins. */
function qemuLines(line: string): string[] {
  const given = shellWords(line)
  const names: Readonly<Record<string, string>> = { '-kernel': KERNEL, '-initrd': INITRAMFS }
  const words = given.map((word, index) => names[given[index - 1] ?? ''] ?? shellWord(word))
  const lines: string[] = []
  for (const [index, word] of words.entries()) {
    const last = lines.at(-1)
    const isValue = index > 0 && !word.startsWith('-')
    if (last !== undefined && (isValue || last.length + word.length < WIDTH - 30))
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((text, index) => `  ${index === 0 ? '' : '  '}${text}${index < lines.length - 1 ? ' \\' : ''}`)
}

/** The kernel’s own words where it complained, else the first thing that differs. */
function subject({ verdict, steps }: Replay): string {
  const said = verdict.excerpt.find((line) => !line.includes('cut here') && line.trim() !== '')
  const [first] = verdict.differences
  if (said !== undefined) return cut(said, 70)
  if (first === undefined) return `hang in ${cut(steps.at(-1)?.chapter.title ?? 'boot', 60)}`
  const place = first.path.replace(/^\/sys\/(devices\/)?(virtual\/|system\/)?/, '')
  return `${cut(place, 50)} is “${cut(first.observed, 20)}”, not “${cut(first.expected, 20)}”`
}

function cut(text: string, most = WIDTH * 2): string {
  const line = printable(text.replaceAll('\n', ' '))
  return line.length <= most ? line : `${line.slice(0, most)}…`
}
