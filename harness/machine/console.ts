import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Bounds on what one guest's console may cost: bytes on disk, lines in memory, characters in a line. */
export const CONSOLE_LIMITS = { file_bytes: 16 * 1024 * 1024, lines: 50_000, line_length: 2_000 }

const CHUNK_BYTES = 64 * 1024
const POLL_MS = 4

/**
 * A guest's console: kernel messages only. QEMU appends to a file, because the emulated serial port drops what a full
 * socket does not take, and a socket is full after 200 single bytes. We read from it when we want to know.
 * A guest that floods its console has the file cut from the front; what is kept in memory is bounded too.
 */
export class Console {
  readonly #fd: number
  readonly #lines: string[] = []
  #offset = 0
  #dropped = 0
  #partial = ''
  #open = true

  /** Creates the file, or empties it; or reads on from what is there, when the guest continues an earlier life. */
  constructor(path: string, continues = false) {
    this.#fd = openSync(path, continues ? 'r+' : 'w+')
  }

  /** Number of lines so far; a position to pass to `since`. */
  get position(): number {
    this.#refresh()
    return this.#dropped + this.#lines.length
  }

  /** The lines from a position on. Lines that the bound has dropped are missing. */
  since(position: number): string[] {
    this.#refresh()
    return this.#lines.slice(Math.max(0, position - this.#dropped))
  }

  /** The last lines, the unfinished one included. */
  tail(count: number): string[] {
    this.#refresh()
    return [...this.#lines.slice(-count), ...(this.#partial ? [this.#partial] : [])].slice(-count)
  }

  /** True once a line from `position` on holds `text`; false when the time is up. An empty text is any line. */
  async waitFor(text: string, position: number, timeout_ms: number): Promise<boolean> {
    const end = performance.now() + timeout_ms
    for (;;) {
      if (this.since(position).some((line) => line.includes(text))) return true
      if (performance.now() > end || !this.#open) return false
      await sleep(POLL_MS)
    }
  }

  /** Reads to the end and closes the file. For when QEMU has ended. */
  close(): void {
    this.#refresh()
    if (this.#partial) this.#take('\n')
    if (this.#open) closeSync(this.#fd)
    this.#open = false
  }

  #refresh(): void {
    if (!this.#open) return
    const buffer = Buffer.alloc(CHUNK_BYTES)
    for (let read = -1; read !== 0; ) {
      read = readSync(this.#fd, buffer, 0, CHUNK_BYTES, this.#offset)
      this.#offset += read
      this.#take(buffer.toString('latin1', 0, read))
    }
    // QEMU appends, so that it goes on at the new end.
    if (fstatSync(this.#fd).size > CONSOLE_LIMITS.file_bytes) {
      ftruncateSync(this.#fd, 0)
      this.#offset = 0
    }
  }

  #take(text: string): void {
    const parts = (this.#partial + text).split('\n')
    this.#partial = (parts.pop() ?? '').slice(-CONSOLE_LIMITS.line_length)
    for (const part of parts) this.#lines.push(part.replaceAll('\r', '').slice(0, CONSOLE_LIMITS.line_length))
    const surplus = this.#lines.length - CONSOLE_LIMITS.lines
    if (surplus > 0) {
      this.#lines.splice(0, surplus)
      this.#dropped += surplus
    }
  }
}
