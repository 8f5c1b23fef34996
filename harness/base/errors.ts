/**
 * Whose fault? Each class is one answer; callers switch on `fault`, never on the message.
 * A message is one paragraph: what happened, and what to do about it.
 */
export type Fault =
  | 'usage'
  | 'machine'
  | 'host'
  | 'guest-lost'
  | 'guest-command'
  | 'protocol'
  | 'source'
  | 'interrupted'

export abstract class TierlabError extends Error {
  abstract readonly fault: Fault
  override get name(): string {
    return this.constructor.name
  }
}

/** The caller asked for something that does not exist or makes no sense. Exit status 2. */
export class UsageError extends TierlabError {
  readonly fault = 'usage'
}

/** A machine description that breaks a rule; names the node and the rule. Exit status 2. */
export class InvalidMachine extends TierlabError {
  readonly fault = 'machine'
}

/** This host cannot do it: a missing program, no network, a full disk. Exit status 69. */
export class HostError extends TierlabError {
  readonly fault = 'host'
}

/** The guest is gone or silent. `how` says which; `console` holds its last lines. */
export class GuestLost extends TierlabError {
  readonly fault = 'guest-lost'
  readonly how: GuestLoss
  readonly console: readonly string[]
  constructor(message: string, how: GuestLoss, console: readonly string[], options?: ErrorOptions) {
    super(message, options)
    this.how = how
    this.console = console
  }
}
/**
 * `no-boot`: never reached its agent. `exited`: QEMU ended by itself (a panic, under -no-reboot).
 * `killed`: QEMU ended by a signal. `silent`: no answer within the limit.
 */
export type GuestLoss = 'no-boot' | 'exited' | 'killed' | 'silent'

/** A command in the guest ended otherwise than asked. */
export class GuestCommandFailed extends TierlabError {
  readonly fault = 'guest-command'
}

/** The other side of a channel broke the protocol. */
export class ProtocolError extends TierlabError {
  readonly fault = 'protocol'
}

/**
 * A patch that does not apply, or a tree that does not build: there is no such kernel to judge. Exit status 69.
 * `words` are the tool's own lines that say why.
 */
export class SourceError extends TierlabError {
  readonly fault = 'source'
  readonly what: 'patch' | 'build'
  readonly words: readonly string[]
  constructor(message: string, what: 'patch' | 'build', words: readonly string[], options?: ErrorOptions) {
    super(message, options)
    this.what = what
    this.words = words
  }
}

/** The user pressed Ctrl-C, or the process was asked to end. */
export class Interrupted extends TierlabError {
  readonly fault = 'interrupted'
}

/** Message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** True when a thrown value carries this Node.js system error code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
