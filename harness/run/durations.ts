import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Store } from '../base/store.ts'
import type { Cell, RunResult, Subject } from './events.ts'

const Kept = z.record(z.string(), z.number())

/** How long each run took the last time, in milliseconds: what a plan of many guests is ordered by. */
export class Durations {
  readonly #path: string
  #known: Record<string, number> = {}

  private constructor(path: string) {
    this.#path = path
  }

  /** What is known; nothing, when nothing was kept or it cannot be read. */
  static async read({ root }: Store): Promise<Durations> {
    const durations = new Durations(join(root, 'durations.json'))
    durations.#known = await readKept(durations.#path)
    return durations
  }

  /** Undefined for a run that was never made. */
  of(cell: Subject): number | undefined {
    return this.#known[keyOf(cell)]
  }

  /** Keeps those of runs that went through; another process's are kept as well. What cannot be kept is only time. */
  async keep(results: readonly RunResult[]): Promise<void> {
    const made = results.filter(({ verdict }) => verdict.verdict === 'pass')
    const known = { ...(await readKept(this.#path)) }
    for (const { cell, timings_ms } of made) known[keyOf(cell)] = timings_ms.total
    try {
      await mkdir(dirname(this.#path), { recursive: true })
      const draft = `${this.#path}.${process.pid}`
      await writeFile(draft, JSON.stringify(known))
      await rename(draft, this.#path)
    } catch {
      // The next plan will be in another order.
    }
  }
}

function keyOf({ scenario, kernel }: Subject): string {
  return `${kernel.name} ${scenario.name}`
}

async function readKept(path: string): Promise<Record<string, number>> {
  try {
    return Kept.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return {}
  }
}

/** Longest first, so that no long run is left alone at the end; those never made before all others. Stable. */
export function longestFirst(cells: readonly Cell[], durations: Pick<Durations, 'of'>): Cell[] {
  const duration = (cell: Cell) => durations.of(cell) ?? Number.POSITIVE_INFINITY
  const compare = (a: number, b: number) => (a === b ? 0 : b - a)
  return cells.toSorted((a, b) => compare(duration(a), duration(b)))
}
