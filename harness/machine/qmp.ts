import type { Duplex } from 'node:stream'
import { z } from 'zod'
import { ProtocolError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'

const Message = z.object({
  QMP: z.unknown().optional(),
  id: z.number().optional(),
  return: z.json().optional(),
  error: z.object({ class: z.string(), desc: z.string() }).optional(),
  event: z.string().optional(),
  data: z.json().optional(),
})

export interface QmpEvent {
  readonly event: string
  readonly data: Json
}

/** A client of QEMU's machine protocol. Source: QEMU's docs/interop/qmp-spec.rst. */
export class Qmp {
  readonly #listeners = new Set<(event: QmpEvent) => void>()
  readonly #stream: Duplex
  readonly #waiting = new Map<number, { resolve: (value: Json) => void; reject: (error: Error) => void }>()
  #next = 1
  #partial = ''

  private constructor(stream: Duplex) {
    this.#stream = stream
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => this.#take(text))
    stream.on('error', () => this.#abandon())
    stream.on('close', () => this.#abandon())
  }

  /** Connects and negotiates. Throws ProtocolError when QEMU goes away first. */
  static async connect(stream: Duplex): Promise<Qmp> {
    const qmp = new Qmp(stream)
    await qmp.execute('qmp_capabilities')
    return qmp
  }

  /** Runs one command; throws ProtocolError with QEMU's own words when it is refused or QEMU goes away. */
  async execute(command: string, args: { readonly [name: string]: Json } = {}): Promise<Json> {
    const id = this.#next
    this.#next += 1
    const answer = new Promise<Json>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    if (this.#stream.destroyed) this.#abandon()
    else this.#stream.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`)
    return answer
  }

  /** The next event that is wanted, from now on; `ignore` gives the waiting up. */
  next(isWanted: (event: QmpEvent) => boolean): { readonly sign: Promise<QmpEvent>; ignore(): void } {
    let listener = (_event: QmpEvent) => {}
    const sign = new Promise<QmpEvent>((resolve) => {
      listener = (event) => {
        if (!isWanted(event)) return
        this.#listeners.delete(listener)
        resolve(event)
      }
      this.#listeners.add(listener)
    })
    return { sign, ignore: () => this.#listeners.delete(listener) }
  }

  #take(text: string): void {
    const parts = (this.#partial + text).split('\n')
    this.#partial = parts.pop() ?? ''
    for (const part of parts) if (part.trim() !== '') this.#message(part)
  }

  #message(line: string): void {
    const message = Message.safeParse(parseJson(line))
    if (!message.success) return
    const { id, event, data, error, return: value } = message.data
    if (event !== undefined) for (const listener of this.#listeners) listener({ event, data: data ?? null })
    const waiting = id === undefined ? undefined : this.#waiting.get(id)
    if (id === undefined || waiting === undefined) return
    this.#waiting.delete(id)
    if (error) waiting.reject(new ProtocolError(`QEMU refused a QMP command: ${error.desc}`))
    else waiting.resolve(value ?? null)
  }

  #abandon(): void {
    for (const { reject } of this.#waiting.values()) reject(new ProtocolError('QEMU closed its QMP channel.'))
    this.#waiting.clear()
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
