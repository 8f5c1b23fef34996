import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type ExecaError, execa } from 'execa'
import { HostError, hasCode, Interrupted } from './errors.ts'

export interface HostCommand {
  /** What it is for, to begin the error message: “Fetching linux-image-…”. */
  readonly purpose: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly input?: Uint8Array | string
  readonly timeout_ms?: number
}

/**
 * Runs a host program to its end and returns its standard output as text.
 * Throws HostError naming the purpose, the command and the last lines it wrote.
 */
export async function hostOutput(program: string, args: readonly string[], command: HostCommand): Promise<string> {
  return (await run(program, args, command, {})).toString()
}

/** As hostOutput, for standard output that is no text: every byte of it. */
export async function hostBytes(program: string, args: readonly string[], command: HostCommand): Promise<Buffer> {
  const output = await run(program, args, command, { encoding: 'buffer', stripFinalNewline: false })
  return typeof output === 'string' ? Buffer.from(output) : Buffer.from(output.buffer, output.byteOffset, output.length)
}

async function run(
  program: string,
  args: readonly string[],
  command: HostCommand,
  format: { readonly encoding?: 'buffer'; readonly stripFinalNewline?: boolean },
): Promise<string | Uint8Array> {
  const { purpose, ...options } = command
  if (ending) throw new Interrupted(`${purpose} was interrupted.`)
  const child = execa(program, args, {
    env: { LC_ALL: 'C.UTF-8' },
    stdin: 'ignore',
    ...pickDefined(options),
    ...format,
    maxBuffer: 256 * 1024 * 1024,
    // A process group of its own: it may have children (apt's methods), and they must end with it.
    detached: true,
  })
  const { pid } = child
  if (pid !== undefined) groups.add(pid)
  try {
    return (await child).stdout
  } catch (error) {
    if (ending) throw new Interrupted(`${purpose} was interrupted.`, { cause: error })
    // After a time-out, what the program has started must end with it.
    if (pid !== undefined) endGroup(pid)
    throw hostCommandError(purpose, program, args, error)
  } finally {
    if (pid !== undefined) groups.delete(pid)
  }
}

const groups = new Set<number>()
let ending = false

/** Ends all host programs that are running, with what they have started, and starts no more: this process is to end. */
export function endHostCommands(): void {
  ending = true
  for (const pid of groups) endGroup(pid)
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM')
  } catch {
    // It has ended by itself.
  }
}
process.on('exit', endHostCommands)

function pickDefined({ env, cwd, input, timeout_ms }: Omit<HostCommand, 'purpose'>) {
  return {
    ...(env && { env: { LC_ALL: 'C.UTF-8', ...env } }),
    ...(cwd !== undefined && { cwd }),
    ...(input !== undefined && { input, stdin: 'pipe' as const }),
    ...(timeout_ms !== undefined && { timeout: timeout_ms }),
  }
}

function hostCommandError(purpose: string, program: string, args: readonly string[], error: unknown): HostError {
  if (hasCode(error, 'ENOENT'))
    return new HostError(`${purpose} needs the program ${program}, which is not on this machine's path.`, {
      cause: error,
    })
  const facts = isExecaError(error) ? error : undefined
  const words = (textOf(facts?.stderr) || textOf(facts?.stdout) || facts?.shortMessage || String(error)).trim()
  const tail = words.split('\n').slice(-4).join('; ')
  return new HostError(`${purpose} failed (${[program, ...args.slice(0, 2)].join(' ')} …): ${tail}`, { cause: error })
}

/** All that the program of a HostError has written to standard error, else to standard output; empty when none ran. */
export function wordsOf({ cause }: HostError): string {
  return isExecaError(cause) ? textOf(cause.stderr) || textOf(cause.stdout) : ''
}

/** Whether a program of this name is on the path. */
export function isThere(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.some((folder) => existsSync(join(folder, program)))
}

function textOf(output: unknown): string {
  if (output instanceof Uint8Array) return Buffer.from(output).toString()
  return typeof output === 'string' ? output : ''
}

function isExecaError(error: unknown): error is ExecaError {
  return error instanceof Error && 'shortMessage' in error
}
