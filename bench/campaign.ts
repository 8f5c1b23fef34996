import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Store } from '../harness/base/store.ts'
import { bisect } from '../harness/campaign/bisect.ts'
import { Judging } from '../harness/campaign/judging.ts'
import { mutate } from '../harness/campaign/mutate.ts'
import { TryLog } from '../harness/campaign/try-log.ts'
import { loadScenarios, SCENARIOS } from '../harness/run/load.ts'
import { lineBetween, resolveKernel } from '../kernels/index.ts'
import { mutant } from '../kernels/mutants.ts'
import { openOrigin } from '../kernels/source/origin.ts'
import { makeHistory } from '../test/boot/builds/history.ts'
import type { Figure } from './main.ts'
import { round } from './prepared.ts'

const BASE = 'source:6.1'
const COMMITS = 32
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

/** From a mutant's name to the first scenario that notices it, and a bisection, with the kernel without them built. */
export async function benchCampaign(): Promise<Figure[]> {
  const out = await mkdtemp(join(tmpdir(), 'tierlab-bench-'))
  const store = new Store()
  const options = { store, log: () => {} }
  const judging = new Judging({ accel: 'auto', jobs: 'auto', out, signal: new AbortController().signal, log: () => {} })
  try {
    // A marker in each makes kernels that no cache has: what is measured is the work, not the cache.
    const origin = await openOrigin(
      { kind: 'source', wanted: '6.1', config: 'lab', changes: [] },
      { ...options, etc: '/etc/apt' },
    )
    const stamp = Date.now()
    const shift = { commits: 1, culprit: 0, broken: 0, name: '' }
    const fresh = await makeHistory(join(out, 'mutants'), origin, shift, `bench ${stamp}`)
    const base = `tree:${fresh.path}@${fresh.last}`
    const fates = await mutate({
      mutants: await Promise.all(NAMES.map((name) => mutant(name))),
      ...{ scenarios: await loadScenarios([]), judging, tell: () => {} },
      kernel: (found) => resolveKernel(`${base}${found === undefined ? '' : `+mutant:${found.name}`}`, options),
    })
    const killed = fates.filter(({ fate }) => fate.kind === 'killed').map(({ build_ms, run_ms }) => build_ms + run_ms)
    const median = killed.toSorted((a, b) => a - b)[Math.floor(killed.length / 2)] ?? Number.NaN
    const history = await makeHistory(
      join(out, 'history'),
      origin,
      { commits: COMMITS, culprit: 21, broken: 24, name: 'notifier-deaf-to-offline' },
      `bench ${stamp}`,
    )
    const spec = (commit: string) => `tree:${history.path}@${commit}`
    const started = performance.now()
    const found = await bisect({
      line: await lineBetween(spec(history.first), spec(history.last), options),
      scenarios: await loadScenarios([join(SCENARIOS, 'kmem/the-tier-lives-from-the-first-block-to-the-last.ts')]),
      ...{ confidence: 0.99, judging, tell: () => {}, tries: await TryLog.open(join(out, 'bisect.json'), stamp) },
    })
    const right = found.link.id === history.culprit
    return [
      {
        name: 'mutant_cycle_s',
        value: round(median / 1000, 1),
        unit: 's',
        goal: '≤ 20',
        note: `${BASE}: apply, rebuild, boot, first kill; median of ${killed.length} of ${NAMES.length} that were killed`,
      },
      {
        name: 'bisect_s',
        value: round((performance.now() - started) / 1000, 0),
        unit: 's',
        goal: '≤ 240',
        note: `${COMMITS} commits on ${BASE}, each another kernel; ${right ? 'the culprit was found' : 'WRONG COMMIT'}`,
      },
    ]
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}
