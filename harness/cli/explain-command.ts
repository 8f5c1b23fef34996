import { UsageError } from '../base/errors.ts'
import { parseRelease } from '../base/release.ts'
import { ERAS, type Era, eraNamed, eraOf } from '../model/eras.ts'
import { type Style, styleFor } from '../report/style.ts'
import { wrap } from '../report/width.ts'
import { loadScenarios } from '../run/load.ts'
import { tell } from '../run/story.ts'
import { appliesTo, type Scenario } from '../scenario.ts'
import { EXIT } from './exit-status.ts'
import { machineWords } from './machine-words.ts'
import { storyLines } from './story-lines.ts'

/** `tierlab explain`: what the model says, without QEMU. A model that contradicts its pins is said at its place. */
export async function explainCommand(file: string, options: { era?: string; kernelVersion?: string }): Promise<number> {
  const loaded = await loadScenarios([file])
  const style = styleFor(process.stdout)
  const columns = process.stdout.isTTY ? Math.min(process.stdout.columns || 80, 120) : 120
  const texts = loaded.map(({ scenario, file: name }) =>
    [...head(scenario, name, style, columns), ...stories(scenario, erasFor(scenario, options), style)].join('\n'),
  )
  process.stdout.write(`${texts.join('\n\n')}\n`)
  const contradicted = loaded.some(({ scenario }) =>
    erasFor(scenario, options).some((era) => tell(scenario, era).some(({ disagreements }) => disagreements.length > 0)),
  )
  // As of a run: pins and model that disagree tell nothing of a kernel.
  return contradicted ? EXIT.unknown : EXIT.passed
}

function erasFor(scenario: Scenario, { era, kernelVersion }: { era?: string; kernelVersion?: string }): readonly Era[] {
  if (era !== undefined) return [eraNamed(era)]
  if (kernelVersion !== undefined) {
    const release = parseRelease(kernelVersion)
    if (release === undefined) throw new UsageError(`“${kernelVersion}” is no version of Linux; write it like 6.12.95.`)
    return [eraOf(release)]
  }
  const eras = ERAS.filter(({ release }) => appliesTo(scenario, release))
  // A range may leave out the releases that stand for the eras, as `>=6.12.43` does.
  return eras.length > 0 ? eras : ERAS.filter(({ spans }) => spans.length > 0)
}

function head(scenario: Scenario, file: string, style: Style, columns: number): string[] {
  return [
    style.bold(scenario.name),
    ...wrap(scenario.why, columns - 2).map((line) => `  ${line}`),
    `  ${style.dim(`${file}, for kernels ${scenario.kernels}`)}`,
    '',
    style.bold('The machine'),
    ...machineWords(scenario.machine).map((line) => `  ${line}`),
  ]
}

/** Eras that say the same are told once. */
function stories(scenario: Scenario, eras: readonly Era[], style: Style): string[] {
  const told = new Map<string, string[]>()
  for (const era of eras) {
    const text = storyLines(scenario, era, style).join('\n')
    told.set(text, [...(told.get(text) ?? []), era.name])
  }
  return [...told].flatMap(([text, names]) => ['', style.bold(`The model of ${names.join(' and of ')}`), text])
}
