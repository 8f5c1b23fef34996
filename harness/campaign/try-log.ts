import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Json } from '../base/json.ts'
import { hashOf } from '../base/store.ts'

/** One kernel of a bisection, tried. */
const Try = z.object({
  id: z.string(),
  title: z.string(),
  verdict: z.enum(['good', 'bad', 'skip']),
  /** Runs that told something, and how many of them failed. */
  runs: z.number(),
  failures: z.number(),
  reason: z.string(),
  /** The kernel's hash; null when there was none to run. */
  kernel: z.string().nullable(),
  /** The title of an equal kernel whose trial this is; null for one of its own. */
  as: z.string().nullable(),
  seconds: z.number(),
})
export type Try = z.infer<typeof Try>

const Log = z.object({ of: z.string(), done: z.boolean(), tries: z.array(Try) })

/** What was tried, kept in a file after each trial, so that a bisection that was killed goes on where it was. */
export class TryLog {
  readonly #path: string
  readonly #of: string
  #tries: Try[]

  private constructor(path: string, of: string, tries: Try[]) {
    this.#path = path
    this.#of = of
    this.#tries = tries
  }

  /** Of a bisection with the same question that was not finished; a new one otherwise. */
  static async open(path: string, question: Json): Promise<TryLog> {
    const of = hashOf(question)
    try {
      const log = Log.parse(JSON.parse(await readFile(path, 'utf8')))
      if (log.of === of && !log.done) return new TryLog(path, of, log.tries)
    } catch {
      // None, or half of one.
    }
    return new TryLog(path, of, [])
  }

  get tries(): readonly Try[] {
    return this.#tries
  }

  find(is: (done: Try) => boolean): Try | undefined {
    return this.#tries.find(is)
  }

  /** A second trial of the same kernel takes the place of the first. */
  async add(done: Try): Promise<Try> {
    this.#tries = [...this.#tries.filter(({ id }) => id !== done.id), done]
    await this.#keep(false)
    return done
  }

  async finish(): Promise<void> {
    await this.#keep(true)
  }

  async #keep(done: boolean): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true })
    const draft = `${this.#path}.${process.pid}`
    await writeFile(draft, JSON.stringify({ of: this.#of, done, tries: this.#tries }, null, 1))
    await rename(draft, this.#path)
  }
}
