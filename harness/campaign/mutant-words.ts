import { basename, dirname } from 'node:path'
import type { Style } from '../report/style.ts'
import { padEnd } from '../report/width.ts'
import type { RunResult } from '../run/events.ts'
import type { Fate, MutantFate } from './mutate.ts'

/** One line for a person who waits. */
export function fateLine({ mutant, fate, build_ms, run_ms }: MutantFate, style: Style): string {
  const paint = { killed: 'pass', survived: 'fail', unbuilt: 'broken', unchanged: 'fail' } as const
  const kind = fate.kind === 'equivalent' || fate.kind === 'elsewhere' ? undefined : paint[fate.kind]
  const word = padEnd(fate.kind, 10)
  const time = build_ms + run_ms === 0 ? '' : `${seconds(build_ms)} + ${seconds(run_ms)} s`
  return `${kind ? style.verdict(kind, word) : style.dim(word)}  ${time.padStart(13)}  ${padEnd(mutant.name, 44)}  ${fateWords(fate)}`.trimEnd()
}

/** `94 killed, 2 survived, 9 equivalent in 1834 s; half of the killed within 11.9 s` */
export function fateSummary(fates: readonly MutantFate[], duration_ms: number): string {
  const kinds = ['killed', 'survived', 'unchanged', 'unbuilt', 'equivalent', 'elsewhere'] as const
  const counts = kinds.flatMap((kind) => {
    const count = fates.filter(({ fate }) => fate.kind === kind).length
    return count === 0 ? [] : [`${count} ${kind}`]
  })
  const times = fates.filter(({ fate }) => fate.kind === 'killed').map(({ build_ms, run_ms }) => build_ms + run_ms)
  const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]
  const half = median === undefined ? '' : `; half of the killed within ${seconds(median)} s`
  return `${counts.join(', ') || 'nothing done'} in ${seconds(duration_ms)} s${half}`
}

/** A Markdown table of all, and the reasons of those that nothing can tell. */
export function fateTable(fates: readonly MutantFate[]): string {
  const rows = fates
    .filter(({ fate }) => fate.kind !== 'elsewhere' && fate.kind !== 'equivalent')
    .map(({ mutant, fate, build_ms, run_ms }) => {
      const [scenario, where] =
        fate.kind === 'killed'
          ? [scenarioLink(fate.by), cell(placeOf(fate.by))]
          : [`**${fate.kind}**`, cell(fateWords(fate))]
      return `| \`${mutant.name}\` | ${cell(mutant.breaks)} | ${scenario} | ${where} | ${seconds(build_ms + run_ms)} |`
    })
  const equivalent = fates.flatMap(({ mutant, fate }) =>
    fate.kind === 'equivalent' ? [`- \`${mutant.name}\`: ${mutant.breaks} ${fate.proof}`] : [],
  )
  const elsewhere = fates.flatMap(({ mutant, fate }) =>
    fate.kind === 'elsewhere' ? [`- \`${mutant.name}\`: ${fate.why}`] : [],
  )
  return [
    ['| mutant | what it breaks | killed by | at | s |', '| --- | --- | --- | --- | ---: |', ...rows].join('\n'),
    ...(equivalent.length > 0
      ? [`Nothing that can be observed tells these from the kernel:\n\n${equivalent.join('\n')}`]
      : []),
    ...(elsewhere.length > 0 ? [`This kernel has no such thing:\n\n${elsewhere.join('\n')}`] : []),
  ].join('\n\n')
}

function fateWords(fate: Fate): string {
  switch (fate.kind) {
    case 'killed':
      return `${basename(fate.by.cell.file, '.ts')}, ${placeOf(fate.by)}`
    case 'survived':
      return `${fate.scenarios} scenarios saw no difference`
    case 'equivalent':
      return fate.proof
    case 'elsewhere':
    case 'unbuilt':
      return fate.why
    case 'unchanged':
      return 'image and modules are those of the kernel without it'
  }
}

/** `step 2: /sys/…/memory_tier22/nodelist`, or the kernel's own complaint. */
function placeOf({ verdict }: RunResult): string {
  const step = verdict.step === null || verdict.step === 0 ? 'at boot' : `step ${verdict.step}`
  const paths = verdict.differences.map(({ path }) => path)
  const path = paths.find((one) => one.includes('/memory_tiering/')) ?? paths[0]
  const what = verdict.verdict === 'fail' ? path : verdict.reason.split('\n')[0]
  return `${step}: ${verdict.verdict === 'fail' ? '' : `${verdict.verdict}, `}${shortened(what ?? verdict.reason)}`
}

const LONGEST = 110

function shortened(text: string): string {
  const short = text
    .replaceAll('\n', ' ')
    .replace('/sys/devices/virtual/memory_tiering/', '')
    .replace('/sys/devices/system/node/', '')
  return short.length > LONGEST ? `${short.slice(0, LONGEST - 1)}…` : short
}

function scenarioLink({ cell: { file } }: RunResult): string {
  const folder = basename(dirname(file))
  return `[${basename(file, '.ts')}](../scenarios/${folder}/${basename(file)})`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1)
}
