import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, open, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { hashFile, hashSparseFile } from '../../harness/base/digest.ts'
import { FINGERPRINT, keepLook, lookAt, looksAsKept } from '../../harness/base/fingerprint.ts'
import { checkManifest, keyOf, MANIFEST, writeManifest } from '../../harness/base/manifest.ts'
import { MiB } from '../../harness/base/size.ts'

async function folderWith(t: { testdir(): string }): Promise<string> {
  const folder = join(t.testdir(), 'entry')
  await mkdir(folder)
  await writeFile(join(folder, 'data'), 'content')
  await writeManifest(folder, { name: 'x' })
  return folder
}

/** Whether the next check need not read the files. */
async function isTrusted(folder: string): Promise<boolean> {
  return looksAsKept(
    folder,
    ['data'],
    createHash('sha256')
      .update(await readFile(join(folder, MANIFEST)))
      .digest('hex'),
  )
}

t.test('a folder is as it was', async (t) => {
  const folder = await folderWith(t)
  t.ok(await isTrusted(folder), 'which needs no reading from the beginning')
  t.same(await checkManifest(folder), { state: 'sound' })
  t.same(await checkManifest(folder, { whole: true }), { state: 'sound' })
  t.same(await keyOf(folder), { name: 'x' })
})

t.test('a sound file that looks as before is not read', async (t) => {
  const folder = await folderWith(t)
  const manifest = join(folder, MANIFEST)
  const text = (await readFile(manifest, 'utf8')).replace(/"[0-9a-f]{64}"/, `"${'0'.repeat(64)}"`)
  await writeFile(manifest, text)
  t.match(await checkManifest(folder), { state: 'damaged' }, 'the fingerprint is of another manifest')
  await keepLook(folder, await lookAt(folder, ['data']), createHash('sha256').update(text).digest('hex'))
  t.same(await checkManifest(folder), { state: 'sound' }, 'the wrong digest was not compared')
  t.match(await checkManifest(folder, { whole: true }), { state: 'damaged', why: 'data was altered' })
})

t.test('what is written while files are read, or after that, shows the next time', async (t) => {
  const folder = await folderWith(t)
  const look = await lookAt(folder, ['data'])
  await writeFile(join(folder, 'data'), 'c0ntent')
  await sleep(70)
  await keepLook(folder, look, 'x')
  t.notOk(await looksAsKept(folder, ['data'], 'x'))
})

t.test('an alteration is noticed, whatever is done to hide it', async (t) => {
  const folder = await folderWith(t)
  const data = join(folder, 'data')
  await checkManifest(folder)
  const { atime, mtime } = await stat(data)
  await writeFile(data, 'c0ntent')
  await utimes(data, atime, mtime)
  t.match(await checkManifest(folder), { state: 'damaged', why: 'data was altered' })
  await writeFile(data, 'content')
  t.match(await checkManifest(folder), { state: 'sound' }, 'and so is that it was put right')
  await writeFile(data, 'content ')
  t.match(await checkManifest(folder), { state: 'damaged', why: /truncated or extended/ })
})

t.test('a file that could have been written within a tick of the clock is read', async (t) => {
  const folder = await folderWith(t)
  const [data, manifest] = [join(folder, 'data'), await readFile(join(folder, MANIFEST))]
  await writeFile(data, 'c0ntent')
  const { ctimeNs } = await stat(data, { bigint: true })
  const look = { ...(await lookAt(folder, ['data'])), taken: ctimeNs + 1n }
  await keepLook(folder, look, createHash('sha256').update(manifest).digest('hex'))
  t.notOk(await isTrusted(folder))
  t.match(await checkManifest(folder), { state: 'damaged', why: 'data was altered' })
})

t.test('a folder that was moved or copied is read once, and then trusted again', async (t) => {
  const folder = await folderWith(t)
  const copy = `${folder}-copy`
  await mkdir(copy)
  for (const name of ['data', MANIFEST, FINGERPRINT]) await copyFile(join(folder, name), join(copy, name))
  t.notOk(await isTrusted(copy))
  await sleep(70)
  t.same(await checkManifest(copy), { state: 'sound' })
  t.ok(await isTrusted(copy))
  await rename(copy, `${copy}-moved`)
  t.ok(await isTrusted(`${copy}-moved`), 'a folder’s name is not its files’')
})

t.test('a folder that may not be written is still checked', async (t) => {
  const folder = await folderWith(t)
  await writeFile(join(folder, FINGERPRINT), 'garbage')
  await chmod(join(folder, FINGERPRINT), 0o444)
  t.same(await checkManifest(folder), { state: 'sound' })
})

t.test('a manifest that is none', async (t) => {
  const folder = await folderWith(t)
  const manifest = join(folder, MANIFEST)
  await writeFile(manifest, (await readFile(manifest, 'utf8')).slice(0, -9))
  t.same(await checkManifest(folder), { state: 'damaged', why: 'its manifest cannot be read' })
  t.equal(await keyOf(folder), undefined)
  t.same(await checkManifest(join(folder, 'nowhere')), { state: 'missing' })
})

t.test('a digest is compared by the name that the manifest gives it', async (t) => {
  const folder = await folderWith(t)
  const manifest = join(folder, MANIFEST)
  const sparse = `"sparse_sha256": "${await hashSparseFile(join(folder, 'data'))}"`
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/"sha256": "[0-9a-f]+"/, sparse))
  t.same(await checkManifest(folder), { state: 'sound' })
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('sparse_sha256', 'other'))
  t.match(await checkManifest(folder), { state: 'damaged' }, 'a file without a digest is not vouched for')
})

t.test('a sparse file’s digest: position, bytes and size count, holes do not cost', async (t) => {
  const root = t.testdir()
  const path = join(root, 'memory')
  const write = async (bytes: number, at: readonly (readonly [offset: number, text: string])[]) => {
    const file = await open(path, 'w')
    await file.truncate(bytes)
    for (const [offset, text] of at) await file.write(text, offset)
    await file.close()
    return hashSparseFile(path)
  }
  const one = await write(80 * MiB, [[5 * MiB, 'a']])
  t.equal(await write(80 * MiB, [[5 * MiB, 'a']]), one)
  const others = [
    await write(80 * MiB, [[5 * MiB, 'b']]),
    await write(80 * MiB, [[6 * MiB, 'a']]),
    await write(80 * MiB + 1, [[5 * MiB, 'a']]),
    await write(80 * MiB, []),
    await write(
      80 * MiB,
      [5 * MiB, 80 * MiB - 1].map((offset) => [offset, 'a'] as const),
    ),
  ]
  t.equal(new Set([one, ...others]).size, 6)
  await write(80 * MiB, [[5 * MiB, 'a']])
  const folder = join(root, 'large')
  await mkdir(folder, { recursive: true })
  await rename(path, join(folder, 'memory'))
  await writeManifest(folder, null)
  const file = await open(join(folder, 'memory'), 'r+')
  await file.write('x', 70 * MiB)
  await file.close()
  t.match(await checkManifest(folder), { state: 'damaged', why: 'memory was altered' })
  t.match(await hashFile(join(folder, MANIFEST)), /^[0-9a-f]{64}$/)
})
