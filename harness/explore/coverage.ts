import { createHash } from 'node:crypto'
import type { Transition } from './states.ts'

/** What was visited, by how often. States and transitions by a short hash, the rest by their words. */
export interface CoverageData {
  readonly states: Readonly<Record<string, number>>
  readonly transitions: Readonly<Record<string, number>>
  readonly answers: Readonly<Record<string, number>>
  readonly situations: Readonly<Record<string, number>>
}

/** Where exploration of one era has been. Plain data goes in and comes out, so that it can be kept. */
export class Coverage {
  readonly #states: Map<string, number>
  readonly #transitions: Map<string, number>
  readonly #answers: Map<string, number>
  readonly #situations: Map<string, number>

  constructor(data?: CoverageData) {
    this.#states = new Map(Object.entries(data?.states ?? {}))
    this.#transitions = new Map(Object.entries(data?.transitions ?? {}))
    this.#answers = new Map(Object.entries(data?.answers ?? {}))
    this.#situations = new Map(Object.entries(data?.situations ?? {}))
  }

  visit({ from, to, answer, situations }: Transition): void {
    add(this.#states, hash(to))
    add(this.#transitions, hash(from, answer, to))
    add(this.#answers, answer)
    for (const situation of situations) add(this.#situations, situation)
  }

  /** The smaller, the newer: where it leads counts most, then what is done there, then the answer as such. */
  rank({ from, to, answer, situations }: Transition): number {
    const of = (counts: ReadonlyMap<string, number>, key: string) => Math.log2(1 + (counts.get(key) ?? 0))
    const rare = Math.min(...situations.map((situation) => of(this.#situations, situation)), 12)
    return (
      4 * of(this.#states, hash(to)) +
      2 * of(this.#transitions, hash(from, answer, to)) +
      of(this.#answers, answer) / 2 +
      rare / 4 +
      // A step that changes nothing leads nowhere, however rare its answer is.
      (from === to ? 3 : 0)
    )
  }

  counts() {
    return { states: this.#states.size, transitions: this.#transitions.size, answers: this.#answers.size }
  }

  /** How often a situation was met. */
  situation(name: string): number {
    return this.#situations.get(name) ?? 0
  }

  /** Words of every answer, with how often it came, the most frequent first. */
  answers(): [string, number][] {
    return [...this.#answers].sort(([, a], [, b]) => b - a)
  }

  data(): CoverageData {
    return {
      states: Object.fromEntries(this.#states),
      transitions: Object.fromEntries(this.#transitions),
      answers: Object.fromEntries(this.#answers),
      situations: Object.fromEntries(this.#situations),
    }
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 12)
}
