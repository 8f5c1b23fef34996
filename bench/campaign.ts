import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Store } from '../harness/base/store.ts'
import { bisect } from '../harness/campaign/bisect.ts'
import { Judging } from '../harness/campaign/judging.ts'
import { mutate } from '../harness/campaign/mutate.ts'
import { changesIn, judgeSeries } from '../harness/campaign/series.ts'
import { TryLog } from '../harness/campaign/try-log.ts'
import { loadScenarios, SCENARIOS } from '../harness/run/load.ts'
import { type Line, lineBetween, resolveKernel } from '../kernels/index.ts'
import { mutant } from '../kernels/mutants.ts'
import { openOrigin } from '../kernels/source/origin.ts'
import { type History, makeHistory } from '../test/boot/builds/history.ts'
import type { Figure } from './main.ts'
import { median, round } from './prepared.ts'

const BASE = 'source:6.1'
const COMMITS = 32
const PATCHES = 9
/** One in each file that mutants change, so that small and large rebuilds are among them. */
const NAMES = [
  'notifier-deaf-to-offline',
  'clear-missing-on-remove',
  'wrong-default-distance',
  'distance-direction-reversed',
  'second-device-not-counted',
  'hmat-latency-in-picoseconds',
  'chunk-off-by-one',
]

/** What the parts of a campaign are made with. */
interface Ground {
  readonly out: string
  readonly judging: Judging
  readonly options: { readonly store: Store; readonly log: () => void }
  /** A history on the kernel; a marker in each commit makes kernels that no cache has: what is measured is the work. */
  readonly history: (name: string, what: Parameters<typeof makeHistory>[2]) => Promise<History>
}

/** With the kernel without any change built: a mutant's cycle, a bisection, and a series, patch by patch. */
export async function benchCampaign(): Promise<Figure[]> {
  const out = await mkdtemp(join(tmpdir(), 'tierlab-bench-'))
  const options = { store: new Store(), log: () => {} }
  const judging = new Judging({ accel: 'auto', jobs: 'auto', out, signal: new AbortController().signal, log: () => {} })
  try {
    const wanted = { kind: 'source', wanted: '6.1', config: 'lab', changes: [] } as const
    const origin = await openOrigin(wanted, { ...options, etc: '/etc/apt' })
    const stamp = Date.now()
    const history: Ground['history'] = (name, what) =>
      makeHistory(join(out, name), origin, what, `bench ${name} ${stamp}`)
    const ground = { out, judging, options, history }
    return [await mutantCycle(ground), await bisection(ground), await series(ground)]
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

/** From a mutant's name to the first scenario that notices it. */
async function mutantCycle({ history, judging, options }: Ground): Promise<Figure> {
  const fresh = await history('mutants', { commits: 1, culprit: 0, broken: 0, name: '' })
  const base = `tree:${fresh.path}@${fresh.last}`
  const fates = await mutate({
    mutants: await Promise.all(NAMES.map((name) => mutant(name))),
    ...{ scenarios: await loadScenarios([]), judging, tell: () => {} },
    kernel: (found) => resolveKernel(`${base}${found === undefined ? '' : `+mutant:${found.name}`}`, options),
  })
  const killed = fates.filter(({ fate }) => fate.kind === 'killed').map(({ build_ms, run_ms }) => build_ms + run_ms)
  return {
    ...{ name: 'mutant_cycle_s', value: round(median(killed) / 1000, 1), unit: 's', goal: '≤ 20' },
    note: `${BASE}: apply, rebuild, boot, first kill; median of ${killed.length} of ${NAMES.length} that were killed`,
  }
}

async function bisection({ history, judging, options, out }: Ground): Promise<Figure> {
  const made = await history('bisection', {
    commits: COMMITS,
    culprit: 21,
    broken: 24,
    name: 'notifier-deaf-to-offline',
  })
  const started = performance.now()
  const found = await bisect({
    line: await lineOf(made, options),
    scenarios: await loadScenarios([join(SCENARIOS, 'kmem/the-tier-lives-from-the-first-block-to-the-last.ts')]),
    ...{ confidence: 0.99, judging, tell: () => {}, tries: await TryLog.open(join(out, 'bisect.json'), made.last) },
  })
  const right = found.link.id === made.culprit
  return {
    ...{ name: 'bisect_s', value: round((performance.now() - started) / 1000, 0), unit: 's', goal: '≤ 240' },
    note: `${COMMITS} commits on ${BASE}, each another kernel; ${right ? 'the culprit was found' : 'WRONG COMMIT'}`,
  }
}

async function series({ history, judging, options }: Ground): Promise<Figure> {
  const made = await history('series', { commits: PATCHES, culprit: 6, broken: 0, name: 'notifier-deaf-to-offline' })
  const scenarios = await loadScenarios([join(SCENARIOS, 'kmem')])
  const outcomes = await judgeSeries({ line: await lineOf(made, options), scenarios, judging, tell: () => {} })
  const seconds = outcomes.slice(1).map(({ build_ms, run_ms }) => round((build_ms + run_ms) / 1000, 1))
  const [change] = changesIn(outcomes)
  const found = change?.at.id === made.culprit ? 'the culprit was found' : 'WRONG PATCH'
  return {
    ...{ name: 'series_patch_s', value: round(median(seconds), 1), unit: 's', goal: '' },
    note: `${PATCHES} patches on ${BASE}, ${scenarios.length} scenarios on each: ${seconds.join(', ')}; ${found}`,
  }
}

function lineOf({ path, first, last }: History, options: Ground['options']): Promise<Line> {
  return lineBetween(`tree:${path}@${first}`, `tree:${path}@${last}`, options)
}
