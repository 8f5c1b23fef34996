import { setTimeout as sleep } from 'node:timers/promises'
import { UsageError } from '../base/errors.ts'
import type { Session } from '../session/session.ts'
import { EXIT } from './exit-status.ts'
import { Interrupt } from './interrupt.ts'
import { type GuestOptions, withGuest } from './lone-guest.ts'

/** Ctrl-], as telnet(1) has it. */
const ESCAPE = 0x1d

/** The last of what a shell wrote comes over another channel than the word that it has ended. */
const DRAIN_MS = 100

/** `tierlab shell`: a prompt in a guest, until `exit` or Ctrl-]. */
export async function shellCommand(options: GuestOptions): Promise<number> {
  const { stdin, stdout, stderr } = process
  if (!stdin.isTTY || !stdout.isTTY)
    throw new UsageError('“tierlab shell” needs a terminal. For commands from a script use “tierlab exec -- COMMAND”.')
  using interrupt = new Interrupt()
  return await withGuest(options, interrupt, async (session) => {
    stderr.write('A shell in the guest; “exit” or Ctrl-] ends it, and the guest with it.\r\n')
    try {
      return await converse(session)
    } finally {
      stdin.setRawMode(false)
      stdin.pause()
    }
  })
}

/** Everything typed goes to the guest, everything it writes to the terminal. */
async function converse(session: Session): Promise<number> {
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
  const status = await Promise.race([ended, escaped])
  await sleep(DRAIN_MS)
  stdout.write('\r\n')
  return status
}
