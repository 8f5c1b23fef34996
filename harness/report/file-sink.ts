import { closeSync, openSync, writeSync } from 'node:fs'
import { HostError, messageOf } from '../base/errors.ts'
import type { Sink } from './sink.ts'

/**
 * A report in a file. The file is there, and empty, before the first run, so that no older report passes for this one and
 * a wrong path is known at once. What cannot be written later is kept as the `problem`, and ends no run.
 */
export class FileSink implements Sink {
  readonly #path: string
  readonly #file: number
  #problem: HostError | null = null

  /** Throws HostError when the file cannot be made. */
  constructor(path: string) {
    this.#path = path
    try {
      this.#file = openSync(path, 'w')
    } catch (cause) {
      throw this.#failure(cause)
    }
  }

  get problem(): HostError | null {
    return this.#problem
  }

  write(text: string): void {
    if (this.#problem) return
    try {
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at)
    } catch (cause) {
      this.#problem = this.#failure(cause)
    }
  }

  close(): void {
    closeSync(this.#file)
  }

  #failure(cause: unknown): HostError {
    return new HostError(`The report ${this.#path} cannot be written: ${messageOf(cause)}.`, { cause })
  }
}
