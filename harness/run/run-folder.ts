import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { HostError, hasCode, messageOf, UsageError } from '../base/errors.ts'
import { JudgedThen, RunEnd, RunHead, type RunRecord, StepRecord } from './record.ts'
import type { Verdict } from './verdict.ts'

/**
 * The folder of one run: run.json first, steps.jsonl line by line, end.json last; verdict.json is what was made of it.
 * What is written stays readable however the run ends.
 */
export class RunFolder {
  readonly path: string
  #problem: HostError | null = null
  constructor(path: string) {
    this.path = path
  }

  /** Why the record is not whole; null while it is. */
  get problem(): HostError | null {
    return this.#problem
  }

  async begin(head: RunHead): Promise<void> {
    await this.#saving(async () => {
      await mkdir(this.path, { recursive: true })
      // An older run's end must not pass for the end of this one.
      for (const file of ['end.json', 'verdict.json', 'console.log']) await rm(join(this.path, file), { force: true })
      await writeFile(join(this.path, 'run.json'), `${JSON.stringify(head, null, 1)}\n`)
      await writeFile(join(this.path, 'steps.jsonl'), '')
    })
  }

  async step(step: StepRecord): Promise<void> {
    await this.#saving(() => appendFile(join(this.path, 'steps.jsonl'), `${JSON.stringify(step)}\n`))
  }

  async end(end: RunEnd): Promise<void> {
    await this.#saving(() => writeFile(join(this.path, 'end.json'), `${JSON.stringify(end, null, 1)}\n`))
  }

  async verdict(verdict: Verdict): Promise<void> {
    await this.#saving(() => writeFile(join(this.path, 'verdict.json'), `${JSON.stringify(verdict, null, 1)}\n`))
  }

  /** Throws UsageError when the folder holds no run, or one that this version cannot read. */
  async read(): Promise<RunRecord> {
    return {
      head: await this.#parse('run.json', RunHead),
      steps: await this.#steps(),
      end: await this.#parse('end.json', RunEnd).catch(
        (): RunEnd =>
          RunEnd.parse({ kind: 'interrupted', reason: 'no end was recorded', messages: [], start_ms: 0, total_ms: 0 }),
      ),
    }
  }

  /** What was judged when it was run; null where nothing was, or it cannot be read. */
  async readVerdict(): Promise<Pick<Verdict, 'verdict' | 'reason'> | null> {
    return this.#parse('verdict.json', JudgedThen).catch(() => null)
  }

  async #steps(): Promise<StepRecord[]> {
    const text = await this.#text('steps.jsonl')
    // What follows the last newline is a step whose writing was cut short.
    const lines = text.split('\n').slice(0, -1)
    return lines.map((line) => this.#valid('steps.jsonl', StepRecord, line))
  }

  async #parse<T>(file: string, schema: z.ZodType<T>): Promise<T> {
    return this.#valid(file, schema, await this.#text(file))
  }

  async #text(file: string): Promise<string> {
    try {
      return await readFile(join(this.path, file), 'utf8')
    } catch (cause) {
      throw new UsageError(`${this.path} is not the folder of a run: ${messageOf(cause)}`, { cause })
    }
  }

  #valid<T>(file: string, schema: z.ZodType<T>, text: string): T {
    try {
      return schema.parse(JSON.parse(text))
    } catch (cause) {
      throw new UsageError(`${join(this.path, file)} is damaged, or from another version of tierlab.`, { cause })
    }
  }

  async #saving(write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (cause) {
      const full = hasCode(cause, 'ENOSPC') || hasCode(cause, 'EDQUOT')
      const advice = full ? 'The disk is full: free some space, or choose' : 'Make it writable, or choose'
      this.#problem ??= new HostError(
        `The record ${this.path} cannot be written (${messageOf(cause)}). ${advice} another folder with --out.`,
        { cause },
      )
      throw this.#problem
    }
  }
}
