import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { HostError, ProtocolError, UsageError } from '../../harness/base/errors.ts'
import { canonicalJson } from '../../harness/base/json.ts'
import { formatNodeSet, parseNodeSet } from '../../harness/base/node-set.ts'
import { hostBytes, hostOutput } from '../../harness/base/process.ts'
import { inRange, parseRelease } from '../../harness/base/release.ts'
import { alignDown, alignUp, formatSize, GiB, KiB, MiB, qemuSize } from '../../harness/base/size.ts'
import { Store } from '../../harness/base/store.ts'

t.test('node sets', async (t) => {
  t.equal(formatNodeSet([3, 0, 1]), '0-1,3')
  t.equal(formatNodeSet([]), '')
  t.same(parseNodeSet('0-2,5\n'), [0, 1, 2, 5])
  t.same(parseNodeSet('\n'), [])
  t.throws(() => parseNodeSet('0..2'), ProtocolError)
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200)), (nodes) => {
      t.same(
        parseNodeSet(formatNodeSet(nodes)),
        [...nodes].sort((a, b) => a - b),
        { diagnostic: false },
      )
      return true
    }),
    { numRuns: 200 },
  )
})

t.test('releases and ranges', async (t) => {
  t.same(parseRelease('6.12.95+deb13-cloud-amd64'), [6, 12, 95])
  t.same(parseRelease('6.1'), [6, 1, 0])
  t.equal(parseRelease('bookworm'), undefined)
  t.ok(inRange([6, 1, 192], '>=6.1 <6.2'))
  t.notOk(inRange([6, 12, 0], '<6.2'))
  t.ok(inRange([6, 12, 43], '>=6.12.43'))
  t.throws(() => inRange([6, 1, 0], 'all'), UsageError)
})

t.test('sizes', async (t) => {
  t.equal(formatSize(3 * GiB), '3 GiB')
  t.equal(formatSize(384 * MiB), '384 MiB')
  t.equal(formatSize(8 * KiB), '8 KiB')
  t.equal(formatSize(7), '7 bytes')
  t.equal(qemuSize(1026 * MiB), '1026M')
  t.equal(alignUp(5, 4), 8)
  t.equal(alignDown(5, 4), 4)
})

t.test('canonical JSON does not depend on the order of keys', async (t) => {
  t.equal(canonicalJson({ b: [1, { d: 1, c: 2 }], a: null }), canonicalJson({ a: null, b: [1, { c: 2, d: 1 }] }))
})

t.test('host programs', async (t) => {
  t.equal(await hostOutput('printf', ['%s', 'ä'], { purpose: 'Testing' }), 'ä')
  const echo = await hostBytes('cat', [], { purpose: 'Testing', input: Buffer.from('00ff0a', 'hex') })
  t.equal(echo.toString('hex'), '00ff0a', 'any bytes, and the last newline')
  await t.rejects(hostBytes('sh', ['-c', 'echo words >&2; exit 3'], { purpose: 'Testing' }), { message: /: words$/ })
  await t.rejects(hostOutput('no-such-program-here', [], { purpose: 'Testing' }), {
    name: 'HostError',
    message: /^Testing needs the program no-such-program-here/,
  })
  await t.rejects(hostOutput('sh', ['-c', 'echo words >&2; exit 3'], { purpose: 'Testing' }), { message: /words/ })
})

t.test('the store', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'tierlab-store-'))
  t.teardown(() => rm(root, { recursive: true }))
  const store = new Store(root)
  let built = 0
  const repairs: string[] = []
  const get = () =>
    store.entry(
      'thing',
      { name: 'a' },
      async (folder) => {
        built += 1
        await writeFile(join(folder, 'data'), 'content')
      },
      (sentence) => repairs.push(sentence),
    )
  const { folder, hash } = await get()
  t.equal(await readFile(join(folder, 'data'), 'utf8'), 'content')
  t.equal((await get()).hash, hash)
  t.equal(built, 1, 'a sound entry is built once')

  await truncate(join(folder, 'data'), 3)
  await get()
  t.equal(built, 2, 'a truncated entry is built again')
  await writeFile(join(folder, 'data'), 'c0ntent')
  await get()
  t.equal(built, 3, 'an altered entry is built again')
  t.equal(await readFile(join(folder, 'data'), 'utf8'), 'content')
  await rm(join(folder, 'manifest.json'))
  await get()
  t.equal(built, 4, 'an entry without its manifest is built again')
  t.match(repairs.join('\n'), /truncated[\s\S]*altered[\s\S]*manifest is missing/)

  const left = join(root, 'thing', '.draft-999999999-left')
  await mkdir(left)
  await store.entry('thing', 'other', async () => {})
  await t.rejects(stat(left), { code: 'ENOENT' }, 'what a killed process left is removed')

  await t.rejects(
    store.entry('thing', 'failing', async () => {
      throw new HostError('no network')
    }),
    { message: 'no network' },
  )
  const both = await Promise.all(
    [1, 2].map((number) =>
      store.entry('thing', 'shared', async (draft) => writeFile(join(draft, 'data'), String(number))),
    ),
  )
  t.equal(both[0]?.folder, both[1]?.folder, 'two who fill one entry at once share it')
  t.ok((await stat(join(both[0]?.folder ?? '', 'data'))).isFile())
})
