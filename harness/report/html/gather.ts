import { basename, dirname } from 'node:path'
import type { RunResult } from '../../run/events.ts'
import type { RunRecord } from '../../run/record.ts'
import { isExpected } from '../../run/verdict.ts'
import { VERSION } from '../../version.ts'
import { Chunks } from './chunks.ts'
import { compare, type Earlier } from './comparison.ts'
import { byNumbers, median } from './order.ts'
import { runDetail } from './run-detail.ts'
import { NOT_OF, Slugs } from './slugs.ts'
import type { Cell, KernelHead, Outline, Repeat, Row, RunDetail, VerdictWord } from './view/data.ts'

/** A run for the page. Without a record (a skip) only its verdict is shown. */
export interface Source {
  readonly result: RunResult
  readonly record: RunRecord | null
  /** The verdict when it was run, in words, where that is another than today's. */
  readonly judged_then: string | null
}

export interface Gathered {
  readonly outline: Outline
  readonly chunks: readonly string[]
}

/** The repetitions of one scenario on one kernel. */
interface Field {
  readonly results: RunResult[]
  readonly repeats: Repeat[]
  readonly details: RunDetail[]
}

/**
 * Takes in one run after the other, so that records need not all be held, and gives the page's data. Runs of one
 * scenario on one kernel are repetitions; of those that ended alike the first is kept whole.
 */
export class Gathering {
  readonly #chunks = new Chunks()
  readonly #kernels = new Map<string, KernelHead>()
  readonly #fields = new Map<string, Map<string, Field>>()

  add({ result, record, judged_then }: Source): void {
    const { cell, accel, verdict, timings_ms } = result
    const { name, release } = cell.kernel
    if (!this.#kernels.has(name) || record !== null)
      this.#kernels.set(name, { name, release, era: cell.era.name, accel: accel.name })
    const row = rowKey(result)
    const fields = this.#fields.get(row) ?? new Map<string, Field>()
    this.#fields.set(row, fields)
    const field = fields.get(name) ?? { results: [], repeats: [], details: [] }
    fields.set(name, field)
    field.results.push(result)
    if (record === null) return
    const { step, reason } = verdict
    const alike = field.repeats.find(
      (other) =>
        other.verdict === verdict.verdict &&
        other.step === step &&
        field.details[other.detail]?.judged_then === judged_then,
    )
    if (alike === undefined) {
      const { detail, boot_log } = runDetail(result, record, judged_then)
      field.details.push({ ...detail, boot_log: boot_log.length === 0 ? null : this.#chunks.add(boot_log) })
    }
    field.repeats.push({
      ...{ verdict: verdict.verdict, reason, step, total_ms: timings_ms.total, start: result.start },
      ...{ record: result.record ?? '', detail: alike?.detail ?? field.details.length - 1 },
    })
  }

  get results(): RunResult[] {
    return [...this.#fields.values()].flatMap((fields) => [...fields.values()].flatMap(({ results }) => results))
  }

  /** The page's data. `unread` are sentences on runs that could not be read. */
  finish(unread: readonly string[], earlier: Earlier | null, now = new Date()): Gathered {
    const kernels = [...this.#kernels.values()].sort((a, b) => byNumbers(a.name, b.name))
    const slugs = new Slugs(NOT_OF.scenario)
    const kernelSlugs = new Slugs(NOT_OF.kernel)
    const slugOf = new Map(kernels.map(({ name }) => [name, kernelSlugs.of(name)]))
    const keyOf = (kernel: string, slug: string) => `${slugOf.get(kernel)}/${slug}`
    const rows = [...this.#fields.values()]
      .map((fields) => ({ fields, subject: [...fields.values()][0]?.results[0]?.cell }))
      .flatMap(({ fields, subject }) => (subject === undefined ? [] : [{ fields, subject }]))
      .sort((a, b) => (a.subject.file < b.subject.file ? -1 : a.subject.file > b.subject.file ? 1 : 0))
      .map(({ fields, subject }): { row: Row; fields: Map<string, Field> } => {
        const { scenario, file } = subject
        const row = { name: scenario.name, slug: slugs.of(scenario.name), file, folder: basename(dirname(file)) }
        return { row: { ...row, cells: [] }, fields }
      })
    const now_results = rows.flatMap(({ row, fields }) =>
      kernels.flatMap(({ name }) => {
        const results = fields.get(name)?.results ?? []
        return results.length === 0 ? [] : [{ key: keyOf(name, row.slug), results }]
      }),
    )
    const compared = earlier && compare(now_results, earlier)
    const made = rows.map(
      ({ row, fields }): Row => ({
        ...row,
        cells: kernels.map(({ name }) => {
          const key = keyOf(name, row.slug)
          const change = compared?.comparison.entries.find((entry) => entry.key === key)?.change ?? null
          return this.#cell(key, fields.get(name), change, compared?.earlier.get(key) ?? null)
        }),
      }),
    )
    return {
      outline: {
        ...{ tierlab: VERSION, made_at: now.toISOString(), kernels, rows: made, unread },
        comparison: compared?.comparison ?? null,
      },
      chunks: this.#chunks.packed,
    }
  }

  #cell(key: string, field: Field | undefined, change: Cell['change'], earlier: string | null): Cell | null {
    const [first] = field?.results ?? []
    if (field === undefined || first === undefined) return null
    const { repeats, details } = worstFirst(field)
    const made = field.results.filter(({ verdict }) => verdict.verdict !== 'skip')
    const good = made.filter(({ verdict }) => isExpected(verdict)).length
    const { scenario, file, kernel } = first.cell
    return {
      ...{ key, counts: countsOf(made.length > 0 ? made : field.results), change },
      flaky: good > 0 && good < made.length,
      total_ms: made.length === 0 ? null : median(made.map(({ timings_ms }) => timings_ms.total)),
      skipped: made.length === 0 ? first.verdict.reason : null,
      chunk:
        details.length === 0
          ? null
          : this.#chunks.add({
              ...{ scenario: scenario.name, why: scenario.why, file, kernel: kernel.name },
              ...{ repeats, details, earlier },
            }),
    }
  }
}

/** What went wrong is what one wants to see first of repetitions that ended differently. */
function worstFirst({ repeats, details }: Field): Pick<Field, 'repeats' | 'details'> {
  const order = details.toSorted((a, b) => Number(isExpected(a)) - Number(isExpected(b)))
  const moved = details.map((detail) => order.indexOf(detail))
  return { details: order, repeats: repeats.map((repeat) => ({ ...repeat, detail: moved[repeat.detail] ?? 0 })) }
}

function rowKey({ cell }: RunResult): string {
  return `${cell.file}\0${cell.scenario.name}`
}

function countsOf(results: readonly RunResult[]): [VerdictWord, number][] {
  const counts = new Map<VerdictWord, number>()
  for (const { verdict } of results) counts.set(verdict.verdict, (counts.get(verdict.verdict) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}
