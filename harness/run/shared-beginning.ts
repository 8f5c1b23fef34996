import type { Json } from '../base/json.ts'
import { faces } from '../steps/step.ts'
import type { Cell } from './events.ts'
import { skipReason } from './plan.ts'
import { type Chapter, tell } from './story.ts'

/**
 * From how many scenarios on a common beginning is kept as a checkpoint. Keeping one costs about what two scenarios save
 * by it (`npm run bench -- branch`), and a checkpoint's room on the disk.
 */
const WORTH = 3

/**
 * For each cell the number of its first steps that enough others begin with too, on the same machine and kernel: the
 * most of them. 0 for those that share too little.
 */
export function sharedBeginnings(cells: readonly Cell[], worth = WORTH): Map<Cell, number> {
  const beginnings = new Map<string, number>()
  const keysOf = (cell: Cell) => {
    const keys: string[] = []
    const place = JSON.stringify([cell.kernel.hash, cell.scenario.machine])
    const steps = tell(cell.scenario, cell.era).slice(1)
    // A kept state is loaded into the machine as it is described: it ends where a step changes the machine. It ends too
    // where a known issue is expected, behind which there is nothing to begin with.
    const end = steps.findIndex(
      ({ step, before, outcome }) =>
        outcome.world.conditions.length > 0 || (step !== null && faces(step).monitor({ world: before }) !== null),
    )
    steps.slice(0, end < 0 ? steps.length : end).forEach((_, index) => {
      keys.push(`${place} ${JSON.stringify(beginningKey(steps.slice(0, index + 1)))}`)
    })
    return keys
  }
  const all = cells.filter((cell) => skipReason(cell) === null).map((cell) => ({ cell, keys: keysOf(cell) }))
  for (const { keys } of all) for (const key of keys) beginnings.set(key, (beginnings.get(key) ?? 0) + 1)
  return new Map(
    all.map(({ cell, keys }) => [cell, keys.findLastIndex((key) => (beginnings.get(key) ?? 0) >= worth) + 1]),
  )
}

/** What these steps are, as data. */
export function beginningKey(chapters: readonly Chapter[]): Json {
  return chapters.map(({ step }) => (step === null ? null : [step.verb, step.args]))
}
