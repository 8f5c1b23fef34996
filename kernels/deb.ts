import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { extract } from 'tar-stream'
import { HostError, hasCode, messageOf } from '../harness/base/errors.ts'

/**
 * Unpacks the regular files of a Debian package for which `place` names a path.
 * `place` is given paths like `usr/lib/modules/…`, without a leading dot or slash.
 * Throws HostError when the package is damaged.
 */
export async function unpackDeb(deb: string, place: (path: string) => string | undefined): Promise<void> {
  const child = execa('dpkg-deb', ['--fsys-tarfile', deb], { stdin: 'ignore', buffer: { stdout: false } })
  const files = extract()
  // All three matter: a truncated archive may end the stream in good order, and then only the exit status tells.
  const failures = await failuresOf([pipeline(child.stdout, files), writeFiles(files, place), child])
  if (failures.length === 0) return
  for (const code of ['ENOSPC', 'EACCES', 'EROFS', 'EDQUOT']) {
    const ours = failures.find((failure) => hasCode(failure, code))
    if (ours !== undefined) throw ours
  }
  if (failures.some((failure) => hasCode(failure, 'ENOENT')))
    throw new HostError(
      'Unpacking Debian packages needs the program dpkg-deb (package dpkg), which is not on this machine’s path.',
      {
        cause: failures[0],
      },
    )
  throw new HostError(
    `The package ${deb} is damaged (${messageOf(failures.at(-1)).split('\n').at(-1)}). Delete it to have it fetched again.`,
    { cause: failures[0] },
  )
}

/** What went wrong in any of these. After a first failure the others get a moment only: a torn stream may never end. */
async function failuresOf(promises: readonly PromiseLike<unknown>[]): Promise<unknown[]> {
  const failures: unknown[] = []
  const first = Promise.all(promises).catch(() => sleep(500))
  const all = promises.map((promise) => Promise.resolve(promise).catch((error: unknown) => failures.push(error)))
  await Promise.race([Promise.all(all), first])
  return failures
}

async function writeFiles(
  files: ReturnType<typeof extract>,
  place: (path: string) => string | undefined,
): Promise<void> {
  for await (const entry of files) {
    const path = entry.header.name.replace(/^(\.?\/)+/, '')
    const inside = !path.split('/').includes('..')
    const target = entry.header.type === 'file' && inside ? place(path) : undefined
    if (target === undefined) {
      // What is not wanted must be read as well, or the archive stands still.
      entry.resume()
      continue
    }
    // At once, before anything can tear the stream: a pipeline from a stream that is destroyed already never settles.
    mkdirSync(dirname(target), { recursive: true })
    await pipeline(entry, createWriteStream(target))
  }
}
