import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Store } from '../harness/base/store.ts'
import { Judging } from '../harness/campaign/judging.ts'
import { Coverage } from '../harness/explore/coverage.ts'
import { explore } from '../harness/explore/explore.ts'
import { resolveKernel } from '../kernels/index.ts'
import type { Figure } from './main.ts'
import { round } from './prepared.ts'

/** Five machines, each of which boots once. */
const RUNS = 60

/** Runs of 8 steps a minute, their composing and the boots of their machines among them; nothing should be found. */
export async function benchExplore(kernel: string): Promise<Figure[]> {
  return [
    await figureOf('explore_runs_per_minute', kernel, '≥ 30'),
    await figureOf('explore_lab', 'source:6.1', '≥ 60'),
  ]
}

async function figureOf(name: string, word: string, goal: string): Promise<Figure> {
  const out = await mkdtemp(join(tmpdir(), 'tierlab-bench-'))
  const quiet = () => {}
  try {
    const kernel = await resolveKernel(word, { store: new Store(), log: quiet })
    const judging = new Judging({ accel: 'auto', jobs: 'auto', out, signal: new AbortController().signal, log: quiet })
    const coverage = new Coverage()
    const started = performance.now()
    const tally = await explore({
      ...{ kernels: [kernel], seed: 1, steps: 8, judging, coverage: () => coverage, tell: quiet },
      ...{ goesOn: (runs: number) => runs < RUNS, budget: { runs: 1, boots: 1 } },
    })
    const minutes = (performance.now() - started) / 60_000
    return {
      ...{ name, value: round(tally.runs / minutes, 1), unit: 'runs/min', goal },
      note: `${kernel.name}: ${tally.runs} runs, ${round(tally.steps / minutes, 0)} judged steps a minute, ${tally.failed} failed`,
    }
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}
