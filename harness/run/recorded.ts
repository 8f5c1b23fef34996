import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../base/errors.ts'
import type { RunResult, Subject } from './events.ts'
import { PLAN, type PlanFile, readPlan, subjectOf } from './plan-file.ts'
import { rejudge, runsBelow } from './rejudge.ts'
import { RunFolder } from './run-folder.ts'
import type { Timed } from './shard.ts'
import { wasInterrupted } from './verdict.ts'

/** A recorded run of many cells, judged again. */
export interface Recorded {
  readonly cells: readonly Subject[]
  /** Of the cells that were made, each with its cell of `cells`. */
  readonly results: readonly RunResult[]
  /** Why the others were not, a sentence each. */
  readonly unmade: readonly string[]
}

/**
 * Of a folder with a plan, what was planned; of a folder of such folders, all of them; of any other, what is there.
 * Throws UsageError where there is no run.
 */
export async function readRecorded(folder: string): Promise<Recorded> {
  const plan = await readPlan(folder)
  if (plan !== undefined) return readPlanned(folder, plan)
  const inside = (await readdir(folder).catch(() => [])).sort().map((name) => join(folder, name))
  const planned = inside.filter((path) => existsSync(join(path, PLAN)))
  if (planned.length > 0) return joined(await Promise.all(planned.map(readRecorded)))
  const all: RunResult[] = []
  for (const path of await runsBelow(folder)) all.push(await rejudge(path))
  return { cells: all.map(({ cell }) => cell), ...parted(all) }
}

/** What was interrupted was not made. */
function parted(all: readonly RunResult[]): Pick<Recorded, 'results' | 'unmade'> {
  const results = all.filter(({ verdict }) => !wasInterrupted(verdict))
  const cut = all.filter(({ verdict }) => wasInterrupted(verdict))
  return {
    results,
    unmade: cut.map(({ cell }) => `${cell.scenario.name} on ${cell.kernel.name} was interrupted`),
  }
}

function joined(parts: readonly Recorded[]): Recorded {
  return {
    cells: parts.flatMap(({ cells }) => cells),
    results: parts.flatMap(({ results }) => results),
    unmade: parts.flatMap(({ unmade }) => unmade),
  }
}

async function readPlanned(folder: string, plan: PlanFile): Promise<Recorded> {
  const cells: Subject[] = []
  const results: RunResult[] = []
  const unmade: string[] = []
  for (const planned of plan.cells) {
    if (plan.shard !== null && planned.shard !== plan.shard) continue
    const cell = subjectOf(plan, planned)
    cells.push(cell)
    const path = join(folder, planned.folder)
    if (planned.skip !== null) results.push(skipped(cell, planned.skip))
    else if (!existsSync(path)) unmade.push(`${planned.scenario} on ${planned.kernel.name} was not run`)
    else {
      // One record that is damaged must not hide all others.
      await rejudge(path).then(
        (result) => results.push({ ...result, cell }),
        (error: unknown) => unmade.push(messageOf(error)),
      )
    }
  }
  const made = parted(results)
  return { cells, results: made.results, unmade: [...unmade, ...made.unmade] }
}

/** What the runs in a folder took: those that went through. Throws UsageError where there is no run. */
export async function timesOf(folder: string): Promise<Timed[]> {
  const times: Timed[] = []
  for (const path of await runsBelow(folder)) {
    const { head, end } = await new RunFolder(path).read()
    if (end.kind === 'complete')
      times.push({ kernel: head.kernel.name, scenario: head.scenario.name, total_ms: end.total_ms })
  }
  return times
}

function skipped(cell: Subject, reason: string): RunResult {
  return {
    ...{ cell, accel: { name: 'tcg', reason: '' }, start: 'boot', fallback: '', record: null, command_line: '' },
    verdict: { verdict: 'skip', reason, step: null, differences: [], excerpt: [] },
    timings_ms: { start: 0, steps: 0, observe: 0, total: 0 },
  }
}
