import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HostError, messageOf } from '../base/errors.ts'
import { hashOf } from '../base/store.ts'
import type { Subject } from '../run/events.ts'
import { RecordedScenario } from '../run/record.ts'

/**
 * Keeps a run that passed and met something new, as a scenario in JSON: up to the step at which all of it had been met.
 * Equal ones have one file. Throws HostError when it cannot be written.
 */
export async function keepInCorpus(
  folder: string,
  { scenario, era }: Subject,
  news: { readonly names: readonly string[]; readonly steps: number },
): Promise<void> {
  const steps = scenario.steps.slice(0, news.steps)
  const hash = hashOf(RecordedScenario.shape.steps.parse(steps)).slice(0, 8)
  const kept = { ...scenario, name: `corpus ${era.name} ${hash}`, why: `It meets: ${news.names.join('; ')}.`, steps }
  const file = join(folder, era.name, `${hash}.scenario.json`)
  try {
    await mkdir(join(folder, era.name), { recursive: true })
    await writeFile(file, `${JSON.stringify(kept, null, 1)}\n`)
  } catch (cause) {
    throw new HostError(`${file} cannot be written: ${messageOf(cause)}.`, { cause })
  }
}
