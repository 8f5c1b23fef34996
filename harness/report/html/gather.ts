import { basename, dirname } from 'node:path'
import type { RunResult, Subject } from '../../run/events.ts'
import type { RunRecord } from '../../run/record.ts'
import { isExpected } from '../../run/verdict.ts'
import { VERSION } from '../../version.ts'
import { Chunks } from './chunks.ts'
import { type Compared, compare, type Earlier } from './comparison.ts'
import { byNumbers, median } from './order.ts'
import { runDetail } from './run-detail.ts'
import { NOT_OF, Slugs } from './slugs.ts'
import type { Cell, CellDetail, KernelHead, Outline, Repeat, Row, RunDetail, VerdictWord } from './view/data.ts'

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

/** A scenario, and its fields by the names of kernels. */
interface Claim {
  readonly subject: Subject
  readonly fields: Map<string, Field>
}

/** A field in its place in the matrix. */
interface Placed {
  readonly key: string
  readonly subject: Subject
  readonly kernel: string
  readonly field: Field
}

/**
 * Takes in one run after the other, so that records need not all be held, and gives the page's data. Runs of one
 * scenario on one kernel are repetitions; of those that ended alike the first is kept whole.
 */
export class Gathering {
  readonly #chunks = new Chunks()
  readonly #kernels = new Map<string, KernelHead>()
  readonly #claims = new Map<string, Claim>()

  add({ result, record, judged_then }: Source): void {
    const { cell, verdict, timings_ms } = result
    const field = this.#fieldOf(result)
    field.results.push(result)
    const { name, release } = cell.kernel
    if (!this.#kernels.has(name) || record !== null)
      this.#kernels.set(name, { name, release, era: cell.era.name, accel: result.accel.name })
    if (record === null) return
    const { step, reason } = verdict
    const isAlike = (other: Repeat) =>
      other.verdict === verdict.verdict &&
      other.step === step &&
      field.details[other.detail]?.judged_then === judged_then
    const alike = field.repeats.find(isAlike)
    if (alike === undefined) {
      const { detail, boot_log } = runDetail(result, record, judged_then)
      field.details.push({ ...detail, boot_log: boot_log.length === 0 ? null : this.#chunks.add(boot_log) })
    }
    field.repeats.push({
      ...{ verdict: verdict.verdict, reason, step, total_ms: timings_ms.total, start: result.start },
      ...{ record: result.record ?? '', detail: alike?.detail ?? field.details.length - 1 },
    })
  }

  #fieldOf({ cell }: RunResult): Field {
    const key = `${cell.file}\0${cell.scenario.name}`
    const claim = this.#claims.get(key) ?? { subject: cell, fields: new Map<string, Field>() }
    this.#claims.set(key, claim)
    const field = claim.fields.get(cell.kernel.name) ?? { results: [], repeats: [], details: [] }
    claim.fields.set(cell.kernel.name, field)
    return field
  }

  /** The page's data. `unread` are sentences on runs that could not be read. */
  finish(unread: readonly string[], earlier: Earlier | null, now = new Date()): Gathered {
    const kernels = [...this.#kernels.values()].sort((a, b) => byNumbers(a.name, b.name))
    const claims = [...this.#claims.values()].sort((a, b) => byText(a.subject.file, b.subject.file))
    const slugs = { scenario: new Slugs(NOT_OF.scenario), kernel: new Slugs(NOT_OF.kernel) }
    const columns = kernels.map(({ name }) => ({ name, slug: slugs.kernel.of(name) }))
    const rows = claims.map(({ subject, fields }) => {
      const slug = slugs.scenario.of(subject.scenario.name)
      const placed = columns.map((column): Placed | null => {
        const field = fields.get(column.name)
        return field ? { key: `${column.slug}/${slug}`, subject, kernel: column.name, field } : null
      })
      return { subject, slug, placed }
    })
    const made = rows.flatMap(({ placed }) => placed.filter((one) => one !== null))
    const compared =
      earlier &&
      compare(
        made.map(({ key, field }) => ({ key, results: field.results })),
        earlier,
      )
    return {
      outline: {
        ...{ tierlab: VERSION, made_at: now.toISOString(), kernels, unread },
        rows: rows.map(({ subject: { scenario, file }, slug, placed }): Row => {
          const cells = placed.map((one) => one && this.#cell(one, compared))
          return { name: scenario.name, slug, file, folder: basename(dirname(file)), cells }
        }),
        comparison: compared?.comparison ?? null,
      },
      chunks: this.#chunks.packed,
    }
  }

  #cell({ key, subject, kernel, field }: Placed, compared: Compared | null): Cell {
    const made = field.results.filter(({ verdict }) => verdict.verdict !== 'skip')
    const good = made.filter(({ verdict }) => isExpected(verdict)).length
    const { scenario, file } = subject
    const detail: CellDetail = {
      ...{ scenario: scenario.name, why: scenario.why, file, kernel, earlier: compared?.earlier.get(key) ?? null },
      ...worstFirst(field),
    }
    return {
      ...{ key, counts: countsOf(made.length > 0 ? made : field.results) },
      flaky: good > 0 && good < made.length,
      total_ms: made.length === 0 ? null : median(made.map(({ timings_ms }) => timings_ms.total)),
      change: compared?.changes.get(key) ?? null,
      skipped: made.length === 0 ? (field.results[0]?.verdict.reason ?? '') : null,
      chunk: field.details.length === 0 ? null : this.#chunks.add(detail),
    }
  }
}

/** What went wrong is what one wants to see first of repetitions that ended differently. */
function worstFirst({ repeats, details }: Field): Pick<Field, 'repeats' | 'details'> {
  const order = details.toSorted((a, b) => Number(isExpected(a)) - Number(isExpected(b)))
  const moved = details.map((detail) => order.indexOf(detail))
  return { details: order, repeats: repeats.map((repeat) => ({ ...repeat, detail: moved[repeat.detail] ?? 0 })) }
}

function countsOf(results: readonly RunResult[]): [VerdictWord, number][] {
  const counts = new Map<VerdictWord, number>()
  for (const { verdict } of results) counts.set(verdict.verdict, (counts.get(verdict.verdict) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
