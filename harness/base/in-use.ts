import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, readlink, rm, symlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasCode } from './errors.ts'

/** Where processes note the entries that they use: `in-use/PID/KIND-HASH`. */
const FOLDER = 'in-use'
/** `in-use/going-KIND-HASH` points to the number of the process that is about to remove the entry. */
const GOING = 'going-'
/** Of each folder of ours the entries that are noted there, as KIND/HASH, in the order of their first use. */
const ours = new Map<string, Set<string>>()

/**
 * Notes that this process uses an entry, from now until it ends or forgets its uses: nobody removes it meanwhile. To be
 * called before the entry is looked at. Each side writes its mark first and looks for the other's then, so that one of
 * them sees it.
 */
export async function noteUse(root: string, kind: string, hash: string): Promise<void> {
  const folder = join(root, FOLDER, String(process.pid))
  try {
    if (!ours.has(folder)) {
      // What another process of this number has left.
      rmSync(folder, { recursive: true, force: true })
      if (ours.size === 0) process.once('exit', removeOurs)
      ours.set(folder, new Set())
    }
    ours.get(folder)?.add(join(kind, hash))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${kind}-${hash}`), '')
  } catch {
    // A cache that may not be written is not pruned by us either.
  }
  // Renaming takes no time; a process that is stopped in the middle of it is not waited for long.
  const going = goingMark(root, kind, hash)
  for (let tries = 0; tries < 500 && (await isHeld(going)); tries += 1) await sleep(10)
}

function removeOurs(): void {
  for (const folder of ours.keys()) rmSync(folder, { recursive: true, force: true })
}

/**
 * Whatever this process has used, it does not use any more. What it used first, what came later was made of: so that goes
 * last when there is too much of it all.
 */
export async function forgetUses(root: string): Promise<void> {
  const folder = join(root, FOLDER, String(process.pid))
  const now = Date.now()
  for (const [index, entry] of [...(ours.get(folder) ?? [])].entries()) {
    const when = new Date(now - index)
    await utimes(join(root, entry), when, when).catch(() => {})
  }
  ours.get(folder)?.clear()
  await rm(folder, { recursive: true, force: true }).catch(() => {})
}

/** `KIND-HASH` of all entries that a living process uses. Forgets those of dead ones. */
export async function entriesInUse(root: string): Promise<Set<string>> {
  const used = new Set<string>()
  for (const pid of await namesIn(join(root, FOLDER))) {
    if (!/^\d+$/.test(pid)) continue
    const folder = join(root, FOLDER, pid)
    if (isRunning(Number(pid))) for (const name of await namesIn(folder)) used.add(name)
    else await rm(folder, { recursive: true, force: true }).catch(() => {})
  }
  return used
}

/** Takes an entry away by `rename` unless a living process uses it; who comes meanwhile waits. False: it is still there. */
export async function takeUnused(
  root: string,
  { kind, hash }: { readonly kind: string; readonly hash: string },
  rename: () => Promise<void>,
): Promise<boolean> {
  const going = goingMark(root, kind, hash)
  await mkdir(join(root, FOLDER), { recursive: true })
  if (!(await isHeld(going))) await rm(going, { force: true })
  try {
    await symlink(String(process.pid), going)
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false // another process is at it
    throw error
  }
  try {
    if ((await entriesInUse(root)).has(`${kind}-${hash}`)) return false
    await rename()
    return true
  } finally {
    await rm(going, { force: true })
  }
}

function goingMark(root: string, kind: string, hash: string): string {
  return join(root, FOLDER, `${GOING}${kind}-${hash}`)
}

async function isHeld(going: string): Promise<boolean> {
  const pid = await readlink(going).catch(() => undefined)
  return pid !== undefined && isRunning(Number(pid))
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}

/** Whether a process with this number exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}
