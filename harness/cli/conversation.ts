import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { NO_LIMIT_MS, type Session } from '../session/session.ts'
import { EXIT } from './exit-status.ts'

/** Ctrl-], as telnet(1) has it. */
const ESCAPE = 0x1d

/** The last of what a shell wrote comes over another channel than the word that it has ended. */
const DRAIN_MS = 100

/**
 * A shell in the guest: for a person at a terminal a prompt, otherwise one that takes its commands from standard input.
 * Resolves to the status with which it ended. Throws GuestLost when the guest does not outlive it.
 */
export async function converse(session: Session): Promise<number> {
  return process.stdin.isTTY ? prompt(session) : script(session)
}

async function prompt(session: Session): Promise<number> {
  const { stdin, stderr } = process
  stderr.write('A shell in the guest; “exit” or Ctrl-] ends it, and the guest with it.\r\n')
  try {
    return await typed(session)
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
  }
}

/** Everything typed goes to the guest, everything it writes to the terminal. */
async function typed(session: Session): Promise<number> {
  const { stdin, stdout } = process
  const { terminal } = session.vm.qemu
  stdin.setRawMode(true)
  terminal.on('data', (bytes: Buffer) => stdout.write(bytes))
  const escaped = new Promise<number>((resolve) => {
    stdin.on('data', (bytes: Buffer) => {
      const end = bytes.indexOf(ESCAPE)
      terminal.write(end < 0 ? bytes : bytes.subarray(0, end))
      if (end >= 0) resolve(EXIT.passed)
    })
  })
  const ended = session.terminal(process.env.TERM ?? 'linux', stdout.columns || 80, stdout.rows || 24)
  ended.catch(() => {})
  try {
    return await Promise.race([ended, escaped])
  } finally {
    await sleep(DRAIN_MS)
    stdout.write('\r\n')
  }
}

/** All of standard input as one script; what it has written comes when it has ended. */
async function script(session: Session): Promise<number> {
  const commands = await buffer(process.stdin)
  const { status, stdout, stderr } = await session.run(commands.toString(), NO_LIMIT_MS)
  process.stdout.write(stdout)
  process.stderr.write(stderr)
  return status
}
