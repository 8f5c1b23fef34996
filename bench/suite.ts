import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scenario } from '../harness/index.ts'
import type { Jobs } from '../harness/run/budget.ts'
import type { RunResult } from '../harness/run/events.ts'
import { loadScenarios } from '../harness/run/load.ts'
import { runSuite } from '../harness/run/suite.ts'
import type { Figure } from './main.ts'
import { median, ready, round } from './prepared.ts'

interface Run {
  readonly seconds: number
  readonly ran: readonly RunResult[]
  readonly peak_mib: number
}

/** What a run consists of. */
const PARTS = [
  ['scenario_start_ms', 'start', 'of a scenario with --jobs auto, median: restored, to the first reply'],
  ['scenario_steps_ms', 'steps', 'its own steps, which no harness could spare it'],
  ['scenario_observe_ms', 'observe', 'all its observations'],
] as const

/** Every scenario that applies, as `tierlab run` does it: warm and side by side, against booted one after the other. */
export async function benchSuite(kernel: string): Promise<Figure[]> {
  await ready(kernel)
  const scenarios = (await loadScenarios([])).map(({ scenario }) => scenario)
  await timed(scenarios, kernel, { jobs: 'auto' }) // makes the checkpoints
  const auto = await timed(scenarios, kernel, { jobs: 'auto' })
  const fresh = await timed(scenarios, kernel, { jobs: 1, fresh: true })
  const passed = auto.ran.filter(({ verdict }) => verdict.verdict === 'pass').length
  const note = `${auto.ran.length} scenarios, ${passed} passed, ${auto.ran[0]?.accel.name}`
  const each = round(auto.seconds / auto.ran.length, 2)
  return [
    { name: 'suite_auto_s', value: round(auto.seconds, 1), unit: 's', goal: '', note: `${note}, --jobs auto, warm` },
    { name: 'suite_fresh_s', value: round(fresh.seconds, 1), unit: 's', goal: '', note: '--fresh --jobs 1' },
    { name: 'fresh_over_auto', value: round(fresh.seconds / auto.seconds, 1), unit: '', goal: '≥ 8', note },
    { name: 'seconds_per_scenario', value: each, unit: 's', goal: '≤ 0.8', note },
    ...PARTS.map(([name, of, note]) => ({
      ...{ name, value: median(auto.ran.map(({ timings_ms }) => timings_ms[of])), unit: 'ms', goal: '', note },
    })),
    { name: 'suite_peak_mib', value: round(auto.peak_mib, 0), unit: 'MiB', goal: '', note: 'of all guests together' },
  ]
}

/** A run of scenarios, its time, and the most memory that its guests had together. */
export async function timed(
  scenarios: readonly Scenario[],
  kernel: string,
  options: { readonly jobs: Jobs; readonly fresh?: boolean },
): Promise<Run> {
  const out = await mkdtemp(join(tmpdir(), 'tierlab-bench-'))
  let peak_mib = 0
  const watch = setInterval(() => {
    void guestsMebibytes().then((now) => {
      peak_mib = Math.max(peak_mib, now)
    })
  }, 100)
  try {
    const started = performance.now()
    const results = await runSuite({
      ...{ scenarios: scenarios.map((scenario) => ({ scenario, file: scenario.name })), kernels: [kernel] },
      ...{ accel: 'auto', out, bail: false, signal: new AbortController().signal, emit: () => {}, ...options },
    })
    const seconds = (performance.now() - started) / 1000
    return { seconds, ran: results.filter(({ verdict }) => verdict.verdict !== 'skip'), peak_mib }
  } finally {
    clearInterval(watch)
    await rm(out, { recursive: true, force: true })
  }
}

/** Resident memory of this process's guests, shared pages counted by their share. Source: proc(5), Pss. */
async function guestsMebibytes(): Promise<number> {
  let kibibytes = 0
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    if (!status.includes('(qemu') || Number(status.split(') ')[1]?.split(' ')[1]) !== process.pid) continue
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
    kibibytes += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0)
  }
  return kibibytes / 1024
}
