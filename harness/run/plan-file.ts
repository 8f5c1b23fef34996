import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { HostError, hasCode, messageOf, UsageError } from '../base/errors.ts'
import { hashOf } from '../base/store.ts'
import { VERSION } from '../version.ts'
import type { Cell, Subject } from './events.ts'
import { skipReason } from './plan.ts'
import { RecordedScenario } from './record.ts'
import type { Shard } from './shard.ts'

const PlannedCell = z.object({
  file: z.string(),
  scenario: z.string(),
  kernel: z.object({ spec: z.string(), name: z.string(), release: z.string(), hash: z.string() }),
  era: z.string(),
  repetition: z.int().exactOptional(),
  shard: z.int(),
  /** Of its record, in the folder of the run. */
  folder: z.string(),
  /** Why it is not for this kernel; null when it is. */
  skip: z.string().nullable(),
})

/** plan.json, beside the records of a shard, or of several that were merged: what the whole run was to be. */
export const PlanFile = z.object({
  tierlab: z.string(),
  /** Names the plan and how it is split: equal for all shards of one run. */
  plan: z.string(),
  /** Which shard this is; null for all of them. */
  shard: z.int().nullable(),
  of: z.int(),
  scenarios: z.record(z.string(), RecordedScenario),
  cells: z.array(PlannedCell),
})
export type PlanFile = z.infer<typeof PlanFile>

export const PLAN = 'plan.json'

/** The plan of a sharded run: its cells with their shards and folders, which are told relative to the run's. */
export function planFile(
  cells: readonly Cell[],
  shards: readonly number[],
  folders: readonly string[],
  { index, of }: Shard,
): PlanFile {
  const planned = cells.map((cell, at): z.infer<typeof PlannedCell> => {
    const { file, scenario, kernel, era, repetition } = cell
    return {
      ...{ file, scenario: scenario.name, era: era.name, shard: shards[at] ?? 1, folder: folders[at] ?? '' },
      kernel: { spec: kernel.spec, name: kernel.name, release: kernel.release, hash: kernel.hash },
      ...(repetition !== undefined && { repetition }),
      skip: skipReason(cell),
    }
  })
  const scenarios = Object.fromEntries(cells.map(({ file, scenario }) => [file, RecordedScenario.parse(scenario)]))
  const all = { tierlab: VERSION, of, cells: planned, scenarios }
  return { plan: hashOf(z.json().parse(JSON.parse(JSON.stringify(all)))), shard: index, ...all }
}

/** Throws HostError when it cannot be written. */
export async function writePlan(folder: string, plan: PlanFile): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, PLAN), `${JSON.stringify(plan)}\n`)
  } catch (cause) {
    throw new HostError(`The plan cannot be written to ${folder} (${messageOf(cause)}).`, { cause })
  }
}

/** Undefined where there is none. Throws UsageError when it is damaged. */
export async function readPlan(folder: string): Promise<PlanFile | undefined> {
  try {
    return PlanFile.parse(JSON.parse(await readFile(join(folder, PLAN), 'utf8')))
  } catch (cause) {
    if (hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR')) return undefined
    throw new UsageError(`${join(folder, PLAN)} is damaged, or from another version of tierlab.`, { cause })
  }
}

/** What a planned cell is about, as reports want it. */
export function subjectOf(plan: PlanFile, { file, kernel, era, repetition }: PlanFile['cells'][number]): Subject {
  const scenario = plan.scenarios[file]
  if (scenario === undefined) throw new UsageError(`The plan has no scenario ${file}: it is damaged.`)
  return { scenario, file, kernel, era: { name: era }, ...(repetition !== undefined && { repetition }) }
}
