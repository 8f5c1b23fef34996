import { z } from 'zod'
import { type Event, inPlanOrder, type RunResult, type Subject } from '../run/events.ts'
import { VERDICTS } from '../run/verdict.ts'
import { VERSION } from '../version.ts'
import type { Sink } from './sink.ts'

const JsonRun = z.object({
  ...{ scenario: z.string(), file: z.string(), kernel: z.string(), release: z.string() },
  repetition: z.int().min(1).exactOptional().describe('Which of its repetitions; absent where there is one.'),
  era: z.string().describe('The era of the model that judged it.'),
  accel: z.object({ name: z.enum(['kvm', 'tcg']), reason: z.string() }),
  start: z.enum(['boot', 'restore']),
  fallback: z
    .string()
    .describe('Why a guest that could have been restored was not; empty when it was, or not asked for.'),
  verdict: z.enum(VERDICTS),
  reason: z.string().describe('A sentence; empty for a pass.'),
  step: z.int().nullable().describe('The step at which it was seen, 0 the boot; null when at none.'),
  differences: z.array(z.object({ path: z.string(), expected: z.string(), observed: z.string(), rule: z.string() })),
  excerpt: z.array(z.string()).describe('The kernel’s own words, when it complained.'),
  timings_ms: z.object({ start: z.number(), steps: z.number(), observe: z.number(), total: z.number() }),
  record: z.string().nullable().describe('The folder of the record; null for a skip, and where none could be made.'),
  command_line: z.string().describe('The line that boots the same guest by hand.'),
})

/** The document of `--format json`. Its names are a contract: names may be added, and none may change or go. */
export const JsonDocument = z.object({
  tierlab: z.string().describe('The version that wrote it.'),
  runs: z.array(JsonRun).describe('In the order of the plan; runs that were not made are not here.'),
  stopped: z.string().exactOptional().describe('Why it ended early; absent when it did not.'),
})
type JsonDocument = z.infer<typeof JsonDocument>

/** One document, written at the end. */
export class JsonReport {
  readonly #sink: Sink
  readonly #results: RunResult[] = []
  #cells: readonly Subject[] = []
  #stop: string | undefined

  constructor(sink: Sink) {
    this.#sink = sink
  }

  event(event: Event): void {
    if (event.type === 'plan') this.#cells = event.cells
    if (event.type === 'end') this.#results.push(event.result)
    if (event.type === 'stop') this.#stop = event.sentence
  }

  close(): void {
    const document: JsonDocument = {
      tierlab: VERSION,
      runs: inPlanOrder(this.#results, this.#cells).map(jsonRun),
      ...(this.#stop !== undefined && { stopped: this.#stop }),
    }
    this.#sink.write(`${JSON.stringify(document, null, 2)}\n`)
  }
}

function jsonRun({
  cell,
  accel,
  start,
  fallback,
  verdict,
  timings_ms,
  record,
  command_line,
}: RunResult): z.infer<typeof JsonRun> {
  return {
    scenario: cell.scenario.name,
    file: cell.file,
    kernel: cell.kernel.name,
    release: cell.kernel.release,
    ...(cell.repetition !== undefined && { repetition: cell.repetition }),
    era: cell.era.name,
    accel: { name: accel.name, reason: accel.reason },
    start,
    fallback,
    verdict: verdict.verdict,
    reason: verdict.reason,
    step: verdict.step,
    differences: verdict.differences.map(({ path, expected, observed, rule }) => ({ path, expected, observed, rule })),
    excerpt: [...verdict.excerpt],
    timings_ms: {
      start: timings_ms.start,
      steps: timings_ms.steps,
      observe: timings_ms.observe,
      total: timings_ms.total,
    },
    record,
    command_line,
  }
}
