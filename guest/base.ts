import { readFile } from 'node:fs/promises'
import type { CpioEntry } from './cpio.ts'

/** What is tierlab's own in a guest: its root's shape, init, the agent and what it observes. */
export async function baseEntries(): Promise<CpioEntry[]> {
  const own = (name: string) => readFile(new URL(name, import.meta.url))
  return [
    { path: 'init', kind: 'file', mode: 0o755, data: await own('init') },
    { path: 'usr/lib/tierlab/agent', kind: 'file', mode: 0o755, data: await own('agent') },
    { path: 'usr/lib/tierlab/shell', kind: 'file', mode: 0o755, data: await own('shell') },
    { path: 'usr/lib/tierlab/observe', kind: 'file', data: await own('observe') },
    { path: 'etc/fstab', kind: 'file', data: Buffer.from(table(MOUNTS)) },
    { path: 'etc/fstab.optional', kind: 'file', data: Buffer.from(table(OPTIONAL_MOUNTS)) },
    { path: 'etc/passwd', kind: 'file', data: Buffer.from('root::0:0:root:/:/usr/lib/tierlab/shell\n') },
    // The kernel opens it for init before devtmpfs is there.
    { path: 'dev/console', kind: 'character-device', major: 5, minor: 1 },
    ...['proc', 'sys', 'tmp', 'run', 'mnt'].map((path): CpioEntry => ({ path, kind: 'directory' })),
    ...['bin', 'sbin', 'usr/sbin', 'lib', 'lib64'].map(link),
  ]
}

type Mount = readonly [from: string, to: string, type: string, options: string]

const MOUNTS: readonly Mount[] = [
  ['proc', '/proc', 'proc', 'defaults'],
  ['sysfs', '/sys', 'sysfs', 'defaults'],
  ['devtmpfs', '/dev', 'devtmpfs', 'defaults'],
  // Bounded: what a runaway command writes must not take the memory that is being tested.
  ['tmpfs', '/tmp', 'tmpfs', 'size=64m'],
  ['tmpfs', '/run', 'tmpfs', 'size=64m'],
]

/** What a kernel may have been built without. */
const OPTIONAL_MOUNTS: readonly Mount[] = [
  ['debugfs', '/sys/kernel/debug', 'debugfs', 'defaults'],
  ['cgroup2', '/sys/fs/cgroup', 'cgroup2', 'defaults'],
]

function table(mounts: readonly Mount[]): string {
  return mounts.map((fields) => `${fields.join(' ')} 0 0\n`).join('')
}

/** A merged /usr, as on Debian, with one folder for programs. */
function link(path: string): CpioEntry {
  if (path === 'usr/sbin') return { path, kind: 'symlink', target: 'bin' }
  return { path, kind: 'symlink', target: path === 'sbin' ? 'usr/bin' : `usr/${path}` }
}
