import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasCode } from './errors.ts'
import { isRunning } from './in-use.ts'

const POLL_MS = 50

/**
 * Does something that one process at a time should do: a file with the process's number is the lock. Who finds it held
 * waits, until it is free or its holder is no more. A folder that cannot be written is no reason to wait: the work itself will say so.
 */
export async function whileLocked<T>(path: string, work: () => Promise<T>): Promise<T> {
  let held = false
  for (;;) {
    const got = await take(path)
    if (got === 'taken') held = true
    if (got !== 'busy') break
    await sleep(POLL_MS)
  }
  try {
    return await work()
  } finally {
    if (held) await rm(path, { force: true }).catch(() => {})
  }
}

async function take(path: string): Promise<'taken' | 'busy' | 'impossible'> {
  // Written first and linked into its place, so that nobody sees a lock without its holder's number.
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    await writeFile(draft, String(process.pid))
    await link(draft, path)
    return 'taken'
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) return 'impossible'
    const holder = Number(await readFile(path, 'utf8').catch(() => process.pid))
    // Two who remove it at once may both go on: then the work is done twice, which is only time.
    if (!isRunning(holder)) await rm(path, { force: true }).catch(() => {})
    return 'busy'
  } finally {
    await rm(draft, { force: true }).catch(() => {})
  }
}
