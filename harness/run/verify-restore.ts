import { ABSENT, type Difference } from '../compare/expectation.ts'
import { whyNotSaved } from '../topology/qemu-arguments.ts'
import type { Cell, RunResult } from './events.ts'
import { type Bench, execute } from './execute.ts'
import type { RunRecord, StepRecord } from './record.ts'
import { RunFolder } from './run-folder.ts'
import type { Verdict } from './verdict.ts'

const RULE = 'a restored guest shows what a booted one shows'

/**
 * Makes a run twice, in a restored guest and in one that boots (recorded beside it, as FOLDER-booted), and fails on any
 * difference between the two. A guest that could not be restored proves nothing, and is broken; but one of a machine that
 * QEMU never saves is made once.
 */
export async function verifyRestore(
  cell: Cell,
  bench: Bench,
  folder: RunFolder,
  booting: Bench['guests'],
): Promise<RunResult> {
  const result = await execute(cell, bench, folder)
  if (whyNotSaved(cell.scenario.machine) !== null) return result
  const fresh = new RunFolder(`${folder.path}-booted`)
  const booted = await execute(cell, { ...bench, guests: booting }, fresh)
  if (folder.problem || fresh.problem || bench.signal.aborted) return result
  const verdict = await verdictOfBoth(result, booted, folder, fresh)
  await folder.verdict(verdict).catch(() => {})
  return { ...result, verdict }
}

async function verdictOfBoth(
  result: RunResult,
  booted: RunResult,
  folder: RunFolder,
  fresh: RunFolder,
): Promise<Verdict> {
  if (result.start !== 'restore')
    return {
      ...{ verdict: 'broken', reason: `The guest was not restored: ${result.fallback}`, step: null },
      ...{ differences: [], excerpt: [] },
    }
  const names = [booted.verdict.verdict, result.verdict.verdict] as const
  const found = [
    ...(names[0] === names[1] ? [] : [{ path: 'verdict', expected: names[0], observed: names[1], rule: RULE }]),
    ...restoreDifferences(await fresh.read(), await folder.read()),
  ]
  if (found.length === 0) return result.verdict
  const reason = 'The restored guest differs from one that booted (expected: booted, observed: restored).'
  return { verdict: 'fail', reason, step: null, differences: found, excerpt: result.verdict.excerpt }
}

/** What no two guests have in common: who they are, and counts of all that they ever did, of which bounds are judged. */
const OWN = /^\/proc\/sys\/kernel\/random\/boot_id$|\/vmstat$|\/memory\.numa_stat$|\/meminfo$|\/numa_maps$/

/**
 * Where a restored run shows other things than one that booted: exit statuses, every observed file, the number of
 * steps. What commands print (UUIDs) and the kernel's measurements of its own boot differ between any two guests.
 */
export function restoreDifferences(booted: RunRecord, restored: RunRecord): Difference[] {
  const steps = Math.max(booted.steps.length, restored.steps.length)
  return Array.from({ length: steps }, (_, index) =>
    stepDifferences(index, booted.steps[index], restored.steps[index]),
  ).flat()
}

function stepDifferences(index: number, booted: StepRecord | undefined, restored: StepRecord | undefined) {
  const values = (step: StepRecord | undefined) =>
    new Map<string, string>([
      ['exit status', step === undefined ? '(no such step)' : String(step.status)],
      ...Object.entries(step?.files ?? {}).filter(([path]) => !OWN.test(path)),
    ])
  const [expected, observed] = [values(booted), values(restored)]
  return [...new Set([...expected.keys(), ...observed.keys()])].flatMap((path): Difference[] => {
    const [a = ABSENT, b = ABSENT] = [expected.get(path), observed.get(path)]
    return a === b ? [] : [{ path: `step ${index}: ${path}`, expected: a, observed: b, rule: RULE }]
  })
}
