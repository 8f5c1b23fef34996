import { dram, GiB, machine, scenario, shows } from '../../harness/index.ts'
import type { Event, RunResult } from '../../harness/run/events.ts'
import type { Verdict } from '../../harness/run/verdict.ts'

/** A sink that keeps what is written. */
export class Text {
  text = ''
  readonly isTTY: boolean
  readonly columns: number | undefined
  constructor(columns?: number) {
    this.isTTY = columns !== undefined
    this.columns = columns
  }
  write(text: string): void {
    this.text += text
  }
  get lines(): string[] {
    return this.text.split('\n')
  }
}

export const PASS: Verdict = { verdict: 'pass', reason: '', step: null, differences: [], excerpt: [] }

export const FAIL: Verdict = {
  verdict: 'fail',
  reason: 'After “a step” the kernel differs from the model.',
  step: 2,
  differences: [
    ...[32, 33, 34, 35].map((block) => ({
      path: `/sys/devices/system/node/node1/memory${block}/state`,
      expected: 'online',
      observed: 'offline',
      rule: 'blocks',
    })),
    {
      path: '/sys/devices/virtual/memory_tiering/memory_tier22/nodelist',
      expected: '2-3',
      observed: '',
      rule: 'tiers: of “memory”\n# not a comment',
    },
  ],
  excerpt: [],
}

export const CRASH: Verdict = {
  verdict: 'crash',
  reason: 'panic during “x”',
  step: 0,
  differences: [],
  excerpt: [...Array(40).keys()].map((index) => `line ${index} \x1b[31m`),
}

export const SKIP: Verdict = { ...PASS, verdict: 'skip', reason: 'the claim is for kernels >=6.11 #1' }

/** A result that no guest was needed for. */
export function result(verdict: Verdict, about: { name?: string; file?: string; kernel?: string } = {}): RunResult {
  const { name = 'a claim', file = 'scenarios/kmem/a-claim.ts', kernel = 'debian:6.1.192-2' } = about
  const box = machine({ nodes: [dram(GiB, { cpus: '0' })] })
  const claim = { why: 'It is so.', kernels: '>=6.1', machine: box, steps: [shows({ hasMemory: '0' })] }
  return {
    cell: {
      scenario: scenario(name, claim),
      file,
      kernel: { spec: 'debian:6.1', name: kernel, release: '6.1.0-56-cloud-amd64' },
      era: { name: '6.1' },
    },
    accel: { name: 'tcg', reason: 'asked for' },
    start: 'boot',
    fallback: '',
    verdict,
    timings_ms: { start: 4000, steps: 100, observe: 50, total: 5432 },
    record: verdict.verdict === 'skip' ? null : 'runs/latest/a claim',
    command_line: 'qemu-system-x86_64 -accel tcg',
  }
}

/** The events of a run with these results. */
export function eventsOf(results: readonly RunResult[], planned = results.length): Event[] {
  const cells = [...Array(planned).keys()].flatMap((index) => (results[index] ?? results.at(-1))?.cell ?? [])
  return [
    { type: 'plan', cells, accel: [] },
    ...results.flatMap((one): Event[] => [
      { type: 'begin', cell: one.cell },
      { type: 'waiting', cell: one.cell, step: 1, steps: 3, what: 'daxctl reconfigure-device' },
      { type: 'end', result: one },
    ]),
    { type: 'finish', results, duration_ms: 12_345 },
  ]
}
