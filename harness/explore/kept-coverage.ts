import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Kernel } from '../../kernels/index.ts'
import { HostError, messageOf } from '../base/errors.ts'
import type { Store } from '../base/store.ts'
import type { Era } from '../model/eras.ts'
import type { BeforeEnd } from '../run/execute.ts'
import { Coverage } from './coverage.ts'
import { LineCoverage, LineData } from './line-coverage.ts'
import { GENERATOR } from './token.ts'

const Counts = z.record(z.string(), z.number())
const Data = z.object({ states: Counts, transitions: Counts, answers: Counts, situations: Counts })

/** What explorations of an era have visited, kept beside the cache's entries. */
export class KeptCoverage {
  readonly #folder: string
  readonly #used = new Map<string, { readonly coverage: Coverage; readonly before: ReturnType<Coverage['counts']> }>()
  readonly #lines = new Map<string, { readonly name: string; readonly coverage: LineCoverage }>()

  constructor({ root }: Store) {
    this.#folder = join(root, 'explore')
  }

  /** Reads what was kept; nothing, when nothing was or it cannot be read. `afresh` begins with nothing. */
  async open(era: Era, afresh: boolean): Promise<void> {
    const text = afresh ? '' : await readFile(this.#path(era), 'utf8').catch(() => '')
    const parsed = text === '' ? undefined : Data.safeParse(json(text)).data
    const coverage = new Coverage(parsed)
    this.#used.set(era.name, { coverage, before: coverage.counts() })
  }

  /** The same for the lines of a kernel that counts them; nothing is known of others. */
  async openLines(kernel: Kernel, afresh: boolean): Promise<void> {
    const { gcov, hash, name } = kernel
    if (gcov === undefined) return
    const text = afresh ? '' : await readFile(this.#path({ name: `lines-${hash}` }), 'utf8').catch(() => '')
    const data = text === '' ? undefined : LineData.safeParse(json(text)).data
    this.#lines.set(hash, { name, coverage: new LineCoverage({ gcov }, data) })
  }

  /** Reads which lines ran in a guest of a kernel that counts them. */
  readonly readLines: BeforeEnd = async ({ kernel }, session) => {
    await this.#lines.get(kernel.hash)?.coverage.read(session)
  }

  lines() {
    return [...this.#lines.values()]
  }

  of(era: Era): Coverage {
    const used = this.#used.get(era.name)
    if (used === undefined) throw new RangeError(`the coverage of era ${era.name} was not opened`)
    return used.coverage
  }

  /** By era: what there is now, and what there was when it was opened. */
  all() {
    return [...this.#used].map(([era, used]) => ({ era, ...used }))
  }

  /** Throws HostError when it cannot be written. */
  async keep(): Promise<void> {
    await mkdir(this.#folder, { recursive: true }).catch(() => {})
    const all: [name: string, data: unknown][] = [
      ...[...this.#used].map(([era, { coverage }]): [string, unknown] => [era, coverage.data()]),
      ...[...this.#lines].map(([hash, { coverage }]): [string, unknown] => [`lines-${hash}`, coverage.data]),
    ]
    for (const [name, data] of all) {
      const path = this.#path({ name })
      const draft = `${path}.${process.pid}`
      try {
        await writeFile(draft, JSON.stringify(data))
        await rename(draft, path)
      } catch (cause) {
        await rm(draft, { force: true }).catch(() => {})
        throw new HostError(`What was visited cannot be kept in ${path}: ${messageOf(cause)}.`, { cause })
      }
    }
  }

  #path({ name }: Pick<Era, 'name'>): string {
    return join(this.#folder, `${GENERATOR}-${name}.json`)
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
