import { ProtocolError } from '../base/errors.ts'
import type { VirtualMachine } from '../machine/virtual-machine.ts'
import { type Reply, ReplyReader } from './reply-reader.ts'

export interface CommandResult {
  /** 0–255; 128 + N for a command that ended by signal N. */
  readonly status: number
  readonly stdout: Buffer
  readonly stderr: Buffer
  /** True when the command was still running at its limit and was killed. */
  readonly timed_out: boolean
  readonly duration_ms: number
}

const VERSION = 1
/** After a kill, a healthy guest answers at once; one that does not is lost. */
const GRACE_MS = 10_000

/** For what a person does, or asks for without a limit: more than three weeks, the most that a timer takes. */
export const NO_LIMIT_MS = 2 ** 31 - 1 - GRACE_MS

/** The number of a greeting: above those of requests in one conversation. */
const HELLO = 999_999_999

/** Cuts what comes from the port into replies: the first that `wanted` takes, and from then on all, to a session. */
function listen(vm: VirtualMachine, wanted: (reply: Reply) => boolean) {
  const reader = new ReplyReader()
  let session: Session | undefined
  let found: (reply: Reply) => void = () => {}
  let failed: (error: Error) => void = () => {}
  const first = new Promise<Reply>((resolve, reject) => {
    found = resolve
    failed = reject
  })
  first.catch(() => {})
  vm.qemu.agent.on('data', (bytes: Buffer) => {
    try {
      for (const reply of reader.push(bytes)) {
        if (session !== undefined) session.deliver(reply)
        else if (wanted(reply)) found(reply)
      }
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      if (session === undefined) failed(failure)
      else session.fail(failure)
    }
  })
  const handOver = (opened: Session) => {
    session = opened
    return opened
  }
  return { first, handOver }
}

/** The host's half of the agent protocol: numbered requests, framed replies. */
export class Session {
  readonly vm: VirtualMachine
  #nonce: string
  #restarted: ((reply: Reply) => void) | undefined
  readonly #waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>()
  #next = 1

  private constructor(vm: VirtualMachine, nonce: string) {
    this.vm = vm
    this.#nonce = nonce
  }

  /** The agent's own number, chosen when it started. */
  get nonce(): string {
    return this.#nonce
  }

  /**
   * Waits for a booted guest's agent. Throws GuestLost (`no-boot`) when it does not come, ProtocolError when something
   * else answers.
   */
  static async open(vm: VirtualMachine, timeout_ms: number): Promise<Session> {
    const { first, handOver } = listen(vm, () => true)
    const ready = await vm.within(first, 'the agent in the guest', timeout_ms, 'no-boot')
    if (ready.kind !== 'ready' || ready.version !== VERSION)
      throw new ProtocolError(`The agent in the guest began with “${ready.kind}”, not with “ready ${VERSION}”.`)
    return handOver(new Session(vm, ready.nonce))
  }

  /**
   * Greets the agent of a guest that goes on from a saved state: it must know the nonce that was in its memory then.
   * Throws GuestLost when it does not answer, ProtocolError when it is another guest.
   */
  static async resume(vm: VirtualMachine, nonce: string, timeout_ms: number): Promise<Session> {
    // What is left of an older conversation comes first.
    const { first, handOver } = listen(vm, (reply) => reply.kind === 'hello' && reply.id === HELLO)
    vm.qemu.agent.write(`hello ${HELLO}\n`)
    const hello = await vm.within(first, 'the agent in the restored guest', timeout_ms, 'silent')
    if (hello.kind !== 'hello' || hello.nonce !== nonce)
      throw new ProtocolError('The restored guest is not the one that was saved: its agent has another nonce.')
    return handOver(new Session(vm, nonce))
  }

  /** Runs a POSIX sh script in a process group of its own, killed at its limit. */
  run(script: string, limit_ms: number): Promise<CommandResult> {
    return this.#command('run', script, limit_ms, GRACE_MS)
  }

  /**
   * Runs a script in the agent's own shell, at the least cost: one that ends in `exec` is one guest process. A guest that
   * does not answer within the grace after a kill is lost.
   */
  read(script: string, limit_ms: number, grace_ms = GRACE_MS): Promise<CommandResult> {
    return this.#command('read', script, limit_ms, grace_ms)
  }

  /**
   * Lets the guest boot again by `reset`, and goes on with its new agent. Nothing may be under way.
   * Throws GuestLost when the agent does not come back.
   */
  async reboot(reset: () => Promise<void>, limit_ms: number): Promise<void> {
    const ready = new Promise<Reply>((resolve) => {
      this.#restarted = resolve
    })
    try {
      await reset()
      const reply = await this.vm.within(ready, 'the agent in the guest that was reset', limit_ms, 'silent')
      if (reply.kind === 'ready') this.#nonce = reply.nonce
    } finally {
      this.#restarted = undefined
    }
  }

  /** An interactive shell on the guest's virtio console; resolves when it ends. */
  async terminal(term: string, columns: number, rows: number): Promise<number> {
    const id = this.#number()
    const reply = this.#expect(id)
    this.vm.qemu.agent.write(`console ${id} ${term} ${columns} ${rows}\n`)
    const done = await this.vm.within(reply, 'the end of the shell', NO_LIMIT_MS, 'silent')
    return done.kind === 'done' ? done.status : 1
  }

  async #command(verb: 'run' | 'read', script: string, limit_ms: number, grace_ms: number): Promise<CommandResult> {
    const { agent } = this.vm.qemu
    const id = this.#number()
    const reply = this.#expect(id)
    const body = Buffer.from(script)
    const started = performance.now()
    let timed_out = false
    const timer = setTimeout(() => {
      timed_out = true
      agent.write(`kill ${id}\n`)
    }, limit_ms)
    agent.write(Buffer.concat([Buffer.from(`${verb} ${id} ${body.length}\n`), body]))
    try {
      const done = await this.vm.within(reply, 'the reply to a command', limit_ms + grace_ms, 'silent')
      if (done.kind !== 'done') throw new ProtocolError(`The agent answered a command with “${done.kind}”.`)
      const { status, stdout, stderr } = done
      return { status, stdout, stderr, timed_out, duration_ms: performance.now() - started }
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }

  #number(): number {
    const id = this.#next
    this.#next += 1
    return id
  }

  #expect(id: number): Promise<Reply> {
    const reply = new Promise<Reply>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    reply.catch(() => {})
    return reply
  }

  /** Takes a reply from the port. */
  deliver(reply: Reply): void {
    if (reply.kind === 'ready') {
      if (this.#restarted) this.#restarted(reply)
      else this.fail(new ProtocolError('The guest restarted: its agent said “ready” a second time.'))
      return
    }
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (reply.kind === 'error') waiting?.reject(new ProtocolError(`The agent refused a request: ${reply.words}`))
    else waiting?.resolve(reply)
  }

  /** Takes the news that the port can no longer be understood. */
  fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
