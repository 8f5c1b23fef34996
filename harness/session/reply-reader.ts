import { ProtocolError } from '../base/errors.ts'

/** One message from the agent. Formats: docs/guest-protocol.md. */
export type Reply =
  | { readonly kind: 'ready'; readonly version: number; readonly nonce: string }
  | { readonly kind: 'hello'; readonly id: number; readonly version: number; readonly nonce: string }
  | {
      readonly kind: 'done'
      readonly id: number
      readonly status: number
      readonly stdout: Buffer
      readonly stderr: Buffer
    }
  | { readonly kind: 'error'; readonly id: number; readonly words: string }

/** A command may write no more than the guest's /run can hold. */
const MOST_BYTES = 128 * 1024 * 1024
const LONGEST_HEADER = 512

/** Cuts the agent's byte stream into replies. Throws ProtocolError on anything else. */
export class ReplyReader {
  #chunks: Buffer[] = []
  #bytes = 0
  #body: { id: number; status: number; out: number; err: number } | undefined

  /** The replies that these bytes complete. */
  push(chunk: Buffer): Reply[] {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    const replies: Reply[] = []
    for (let reply = this.#next(); reply !== undefined; reply = this.#next()) replies.push(reply)
    return replies
  }

  #next(): Reply | undefined {
    if (this.#body === undefined) {
      const line = this.#takeLine()
      if (line === undefined) return undefined
      const header = parseHeader(line)
      if (header.kind !== 'body') return header
      this.#body = header
    }
    const { id, status, out, err } = this.#body
    if (this.#bytes < out + err) return undefined
    const body = this.#take(out + err)
    this.#body = undefined
    return { kind: 'done', id, status, stdout: body.subarray(0, out), stderr: body.subarray(out) }
  }

  #takeLine(): string | undefined {
    const all = this.#join()
    const end = all.indexOf(0x0a)
    if (end < 0 && all.length > LONGEST_HEADER) throw garbage(all.subarray(0, 80).toString('latin1'))
    if (end < 0) return undefined
    return this.#take(end + 1)
      .subarray(0, end)
      .toString('latin1')
  }

  #join(): Buffer {
    const all = this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks)
    this.#chunks = [all]
    return all
  }

  #take(count: number): Buffer {
    const all = this.#join()
    this.#chunks = [all.subarray(count)]
    this.#bytes -= count
    return all.subarray(0, count)
  }
}

function parseHeader(line: string): Reply | { kind: 'body'; id: number; status: number; out: number; err: number } {
  const [verb, ...words] = line.split(' ')
  const [first = '', second = '', third = ''] = words
  const numbers = words.map((word) => (/^\d+$/.test(word) ? Number(word) : Number.NaN))
  const [id = Number.NaN, status = Number.NaN, out = Number.NaN, err = Number.NaN] = numbers
  if (verb === 'ready' && words.length === 2) return { kind: 'ready', version: Number(first), nonce: second }
  if (verb === 'hello' && words.length === 3 && id >= 0)
    return { kind: 'hello', id, version: Number(second), nonce: third }
  if (verb === 'done' && words.length === 4 && id >= 0 && status <= 255 && out + err <= MOST_BYTES)
    return { kind: 'body', id, status, out, err }
  if (verb === 'error' && id >= 0) return { kind: 'error', id, words: words.slice(1).join(' ') }
  throw garbage(line)
}

function garbage(line: string): ProtocolError {
  return new ProtocolError(
    `The agent in the guest sent something that is no reply: ${JSON.stringify(line.slice(0, 80))}.`,
  )
}
