import { createHash } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { hashFile, hashSparseFile } from './digest.ts'
import { hasCode, messageOf } from './errors.ts'
import { FINGERPRINT, keepLook, lookAt, lookAtNew, looksAsKept } from './fingerprint.ts'
import type { Json } from './json.ts'
import { MiB } from './size.ts'

/** What an entry of the cache was when it was made: its key, and every file with its size and digest. */
export const MANIFEST = 'manifest.json'

/** A digest goes by its name, so that it can be compared whichever would be taken today. */
const File = z.object({ path: z.string(), bytes: z.number() })
const Listed = z.union([File.extend({ sha256: z.string() }), File.extend({ sparse_sha256: z.string() })])
const Manifest = z.object({ key: z.json(), files: z.array(Listed) })
type Listed = z.infer<typeof Listed>

/** Above this, files are taken to be sparse. */
const SPARSE_BYTES = 64 * MiB

export type Found = { state: 'missing' } | { state: 'sound' } | { state: 'damaged'; why: string }

/** Writes the manifest of a folder that is complete. */
export async function writeManifest(folder: string, key: Json): Promise<void> {
  const paths = await pathsIn(folder)
  const look = await lookAtNew(folder, paths)
  const files: Listed[] = []
  for (const path of paths) files.push(await listed(folder, path))
  const text = JSON.stringify({ key, files }, null, 1)
  await writeFile(join(folder, MANIFEST), text)
  await keepLook(folder, look, wordFor(text))
}

/**
 * Compares a folder with its manifest: by what the file system tells, when that is as it was, else byte by byte. With
 * `whole`, byte by byte whatever it tells, and nothing is written.
 */
export async function checkManifest(folder: string, options: { whole?: boolean } = {}): Promise<Found> {
  let text: string
  try {
    text = await readFile(join(folder, MANIFEST), 'utf8')
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) return { state: 'damaged', why: messageOf(error) }
    const there = await stat(folder).catch(() => undefined)
    return there ? { state: 'damaged', why: 'its manifest is missing' } : { state: 'missing' }
  }
  try {
    const { files } = parse(text)
    const paths = files.map(({ path }) => path)
    if (!options.whole && (await looksAsKept(folder, paths, wordFor(text)))) return { state: 'sound' }
    const look = await lookAt(folder, paths)
    for (const file of files) {
      const { size } = await stat(join(folder, file.path))
      if (size !== file.bytes) return { state: 'damaged', why: `${file.path} was truncated or extended` }
      if (!(await hasDigest(folder, file))) return { state: 'damaged', why: `${file.path} was altered` }
    }
    if (!options.whole) await keepLook(folder, look, wordFor(text))
    return { state: 'sound' }
  } catch (error) {
    return { state: 'damaged', why: messageOf(error).replaceAll(/\s+/g, ' ') }
  }
}

/** The key that an entry was made for; undefined when that cannot be read. */
export async function keyOf(folder: string): Promise<Json | undefined> {
  try {
    return parse(await readFile(join(folder, MANIFEST), 'utf8')).key
  } catch {
    return undefined
  }
}

function parse(text: string): z.infer<typeof Manifest> {
  try {
    return Manifest.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error('its manifest cannot be read', { cause })
  }
}

/** Names a manifest. It is read at each use anyway, and an alteration of it then shows without a look at its times. */
function wordFor(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function pathsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return paths
    .map((path) => relative(folder, path))
    .filter((path) => path !== MANIFEST && path !== FINGERPRINT)
    .sort()
}

async function listed(folder: string, path: string): Promise<Listed> {
  const file = join(folder, path)
  const { size: bytes } = await stat(file)
  return bytes > SPARSE_BYTES
    ? { path, bytes, sparse_sha256: await hashSparseFile(file) }
    : { path, bytes, sha256: await hashFile(file) }
}

async function hasDigest(folder: string, file: Listed): Promise<boolean> {
  const path = join(folder, file.path)
  return 'sha256' in file ? (await hashFile(path)) === file.sha256 : (await hashSparseFile(path)) === file.sparse_sha256
}
