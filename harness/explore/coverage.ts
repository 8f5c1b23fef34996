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

  /** Counts it, and says which situations are met for the first time or the second. */
  visit({ nodes, answer, situations }: Transition): string[] {
    for (const { from, to } of nodes) {
      add(this.#states, hash(to))
      add(this.#transitions, hash(from, answer, to))
    }
    add(this.#answers, answer)
    for (const situation of situations) add(this.#situations, situation)
    return situations.filter((situation) => (this.#situations.get(situation) ?? 0) <= 2)
  }

  /** The smaller, the newer: where it leads counts most, then what is done there, then the answer as such. */
  rank({ nodes, answer, situations }: Transition): number {
    const of = (counts: ReadonlyMap<string, number>, key: string) => Math.log2(1 + (counts.get(key) ?? 0))
    const newest = nodes.map(
      ({ from, to }) => 4 * of(this.#states, hash(to)) + 2 * of(this.#transitions, hash(from, answer, to)),
    )
    const rare = Math.min(...situations.map((situation) => of(this.#situations, situation)), 12)
    // A step that changes nothing of a node leads nowhere by itself, however rare its answer is.
    return Math.min(...newest, 24) + of(this.#answers, answer) / 2 + rare / 2
  }

  /** How much of a composition is new: each state, answer and situation once, by how seldom it was. */
  novelty(transitions: readonly Transition[]): number {
    const seldom = (counts: ReadonlyMap<string, number>, keys: readonly string[]) =>
      [...new Set(keys)].reduce((sum, key) => sum + 1 / (1 + (counts.get(key) ?? 0)), 0)
    const nodes = transitions.flatMap((one) => one.nodes)
    return (
      seldom(
        this.#states,
        nodes.map(({ to }) => hash(to)),
      ) +
      seldom(
        this.#answers,
        transitions.map(({ answer }) => answer),
      ) +
      4 *
        seldom(
          this.#situations,
          transitions.flatMap(({ situations }) => situations),
        )
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
