import { closeSync, openSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { execa } from 'execa'
import { HostError } from '../base/errors.ts'

/** How QEMU ended. `words` is what it wrote to standard error, its last 4 KiB. */
export interface QemuExit {
  readonly code: number | undefined
  readonly signal: string | undefined
  readonly words: string
}

/** A running QEMU and its channels, each a socket pair that is inherited: no path to clean, and none to guess. */
export interface Qemu extends AsyncDisposable {
  readonly pid: number
  readonly arguments: readonly string[]
  readonly qmp: Duplex
  readonly agent: Duplex
  readonly terminal: Duplex
  readonly exited: Promise<QemuExit>
  /** Ends QEMU at once and waits for its end. */
  kill(): Promise<QemuExit>
}

export const QEMU = 'qemu-system-x86_64'

/** Name of the virtio-serial port on which the guest's agent answers. */
export const AGENT_PORT = 'org.tierlab.agent'

const CHANNELS = ['qmp', 'agent', 'terminal'] as const

/** The file descriptor on which QEMU has the file that it is given to read. */
export const INPUT_FD = 6

/**
 * QEMU's arguments for the channels: QMP, the agent's virtio-serial port, and a virtio console for interactive use, on
 * the file descriptors 3 to 5; and the first serial port, which goes to a file.
 */
export function channelArguments(consolePath: string): string[] {
  return [
    ...CHANNELS.flatMap((name, index) => ['-chardev', `socket,id=${name},fd=${index + 3}`]),
    ...[
      '-chardev',
      `file,id=console,path=${consolePath.replaceAll(',', ',,')},append=on`,
      '-serial',
      'chardev:console',
    ],
    ...['-mon', 'chardev=qmp,mode=control', '-device', 'virtio-serial-pci'],
    ...['-device', `virtserialport,chardev=agent,name=${AGENT_PORT}`, '-device', 'virtconsole,chardev=terminal'],
  ]
}

/**
 * Starts QEMU in a session of its own, so that Ctrl-C reaches us first, and with a death signal, so that the kernel
 * ends it when we end, whatever ends us. Source: util-linux setpriv(1), prctl(2) PR_SET_PDEATHSIG.
 * `input`: a file that it finds open for reading. Throws an Error of the system’s when there is none.
 */
export function startQemu(args: readonly string[], consolePath: string, input?: string): Qemu {
  // execa passes on every descriptor; its types know those below ten.
  const open = input === undefined ? [] : [openSync(input, 'r') as 9]
  const full = [...args, ...channelArguments(consolePath)]
  const child = execa('setpriv', ['--pdeathsig', 'KILL', '--', QEMU, ...full], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe', ...open],
    buffer: false,
    detached: true,
    reject: false,
    cleanup: true,
  })
  for (const fd of open) closeSync(fd)
  let words = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    words = (words + bytes.toString()).slice(-4096)
  })
  const [qmp, agent, terminal] = [3, 4, 5].map((fd) => duplexAt(child.stdio, fd))
  if (!qmp || !agent || !terminal || child.pid === undefined)
    throw new HostError(
      'setpriv (package util-linux) could not be started; tierlab needs it to end QEMU with its parent.',
    )
  for (const stream of [qmp, agent, terminal]) stream.on('error', () => {})
  const exited = child.then(
    (result): QemuExit => ({ code: result.exitCode, signal: result.signal, words: words.trim() }),
  )
  const kill = async () => {
    child.kill('SIGKILL')
    return exited
  }
  return {
    ...{ pid: child.pid, arguments: full, qmp, agent, terminal, exited, kill },
    async [Symbol.asyncDispose]() {
      await kill()
    },
  }
}

/** Node.js makes each extra pipe a socket pair, readable and writable; execa's types know only one direction. */
function duplexAt(stdio: readonly unknown[], fd: number): Duplex | undefined {
  const stream = stdio[fd]
  return isDuplex(stream) ? stream : undefined
}

function isDuplex(stream: unknown): stream is Duplex {
  return typeof stream === 'object' && stream !== null && 'write' in stream && 'read' in stream
}
