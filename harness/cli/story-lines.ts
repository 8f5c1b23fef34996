import { inRange } from '../base/release.ts'
import type { Era } from '../model/eras.ts'
import type { Style } from '../report/style.ts'
import { padEnd } from '../report/width.ts'
import { type Chapter, tell } from '../run/story.ts'
import { isPin, type Pin, type Scenario } from '../scenario.ts'
import { type WorldRow, worldTable } from './world-table.ts'

/** A scenario as the model of an era tells it: after each step a table, its changed rows marked, and what pins say. */
export function storyLines(scenario: Scenario, era: Era, style: Style): string[] {
  const pins = pinsByStep(scenario)
  let before: readonly WorldRow[] = []
  return tell(scenario, era).flatMap((chapter) => {
    const rows = worldTable(chapter.outcome.world)
    const table = tableLines(rows, chapter.index === 0 ? rows : before, style)
    before = rows
    return [
      '',
      `  ${style.bold(`${chapter.index}. ${chapter.title}`)}`,
      ...(chapter.step === null ? [] : [`     ${answer(chapter)}`]),
      ...table,
      ...pinLines(chapter, pins[chapter.index] ?? [], era, style),
    ]
  })
}

/** The pins that stand behind each step, from the start on. */
function pinsByStep(scenario: Scenario): Pin[][] {
  const pins: Pin[][] = [[]]
  for (const item of scenario.steps) {
    if (isPin(item)) pins.at(-1)?.push(item)
    else pins.push([])
  }
  return pins
}

function answer({ outcome, step }: Chapter): string {
  if (outcome.status === 0) return 'succeeds, exit status 0'
  const says = step?.refuses && step.refuses.says !== outcome.words ? `; the scenario wants “${step.refuses.says}”` : ''
  return `is refused, exit status ${outcome.status}: “${outcome.words}”${says}`
}

function tableLines(rows: readonly WorldRow[], before: readonly WorldRow[], style: Style): string[] {
  const width = Math.max(...[...rows, ...before].map(({ name }) => name.length))
  const was = new Map(before.map(({ name, text }) => [name, text]))
  const gone = before.filter(({ name }) => !rows.some((row) => row.name === name))
  return [
    ...rows.map(({ name, text }) => {
      const same = was.get(name) === text
      return `   ${same ? ' ' : '*'} ${padEnd(name, width)}  ${same ? text : style.bold(text)}`
    }),
    ...gone.map(({ name }) => `   * ${padEnd(name, width)}  ${style.bold('gone')}`),
  ]
}

function pinLines({ disagreements, step }: Chapter, pins: readonly Pin[], era: Era, style: Style): string[] {
  const meant = pins.filter(({ kernels }) => inRange(era.release, kernels))
  const others = pins
    .filter((pin) => !meant.includes(pin))
    .map(({ kernels }) => `     – pin for kernels ${kernels} only`)
  if (disagreements.length > 0)
    return [...disagreements.map((sentence) => `     ${style.verdict('fail', '✗')} ${sentence}`), ...others]
  const names = meant.flatMap(({ shows }) => Object.keys(shows))
  const held = [...(step?.refuses ? ['refused'] : []), ...new Set(names)]
  return [...(held.length > 0 ? [`     ${style.verdict('pass', '✓')} pinned: ${held.join(', ')}`] : []), ...others]
}
