import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { HostError, ProtocolError, UsageError } from '../../harness/base/errors.ts'
import { hashOf, Store } from '../../harness/base/store.ts'
import { Connection, redisAddress } from '../../harness/queue/connection.ts'
import { sentEntry } from '../../harness/queue/entries.ts'
import { receiveFolder, sendFolder } from '../../harness/queue/folder.ts'
import { receiveKernel, sendKernel } from '../../harness/queue/kernel.ts'
import { bytesKey } from '../../harness/queue/names.ts'
import { TravellingStore } from '../../harness/queue/travelling-store.ts'
import { resolveKernel } from '../../kernels/index.ts'
import { bzImage } from '../kernels/fixtures.ts'
import { RedisServer } from './redis-server.ts'

const quiet = () => {}

t.test('a Redis that is not there: how to start one, soon, and without the password', async (t) => {
  const nobody = join(t.testdir(), 'nobody')
  await t.rejects(Connection.open(nobody), {
    constructor: HostError,
    message:
      /^No Redis answers at .*nobody \(.*ENOENT.*\)\. Start one with: redis-server --unixsocket .*nobody --appendonly yes$/,
  })
  const secret = Connection.open('redis://me:secret@127.0.0.1:9/')
  await t.rejects(secret, { message: /at redis:\/\/127\.0\.0\.1:9\/ .*redis-server --port 9 --appendonly yes$/ })
  t.equal(redisAddress('rediss://far:1'), 'rediss://far:1')
  t.throws(
    () => redisAddress('127.0.0.1:6379'),
    new UsageError(
      '“127.0.0.1:6379” is no address of a Redis. Write redis://HOST:PORT, rediss://HOST:PORT, or the path of its socket.',
    ),
  )
})

t.test('folders travel by their digest, with holes, and what was altered does not arrive', async (t) => {
  const server = await RedisServer.start(t)
  using connection = await Connection.open(server.address)
  const { redis } = connection
  const root = t.testdir({ from: { 'a.txt': 'a', below: { b: 'b' }, 'left-out': 'x' } })
  const sparse = await open(join(root, 'from/sparse'), 'w')
  await sparse.write('end', 64 * 1024 ** 2)
  await sparse.close()
  // More than one piece, and nothing that can be compressed.
  const noise = randomBytes(6 * 1024 ** 2)
  writeFileSync(join(root, 'from/noise'), noise)
  const sent = await sendFolder(redis, join(root, 'from'), { keep_s: 60, without: ['left-out'] })
  t.ok(sent.bytes > 4 * 1024 ** 2 && sent.bytes < 7 * 1024 ** 2, `${sent.bytes}`)
  t.same(await sendFolder(redis, join(root, 'from'), { keep_s: 60, without: ['left-out'] }), sent, 'the same bytes')
  await receiveFolder(redis, sent.sha256, join(root, 'to'))
  t.equal(readFileSync(join(root, 'to/below/b'), 'utf8'), 'b')
  t.ok(readFileSync(join(root, 'to/noise')).equals(noise))
  t.throws(() => statSync(join(root, 'to/left-out')))
  const { size, blocks } = statSync(join(root, 'to/sparse'))
  t.equal(size, 64 * 1024 ** 2 + 3)
  t.ok(blocks < 100, 'the hole is one')
  const piece = (await redis.getBuffer(bytesKey(sent.sha256, 1))) ?? Buffer.alloc(0)
  piece.writeUInt8(piece.readUInt8(0) ^ 1, 0)
  await redis.set(bytesKey(sent.sha256, 1), piece)
  const arrives = () => receiveFolder(redis, sent.sha256, join(root, 'again'))
  await t.rejects(arrives(), { constructor: ProtocolError, message: /has something else than/ })
  await redis.del(bytesKey(sent.sha256, 1))
  await t.rejects(arrives(), { message: /has something else than/ })
  await redis.del(bytesKey(sent.sha256))
  await t.rejects(arrives(), { message: /no longer has/ })
})

t.test('a kernel of the user’s travels; one that is not what it was is not taken', async (t) => {
  const server = await RedisServer.start(t)
  using connection = await Connection.open(server.address)
  const root = t.testdir({ bzImage: bzImage('6.6.6-own (a@b) #1') })
  const here = new Store(join(root, 'here'))
  const kernel = await resolveKernel(`image:${join(root, 'bzImage')}`, { store: here })
  const queued = await sendKernel(connection.redis, here, kernel)
  t.match(queued, { release: '6.6.6-own', hash: kernel.hash, sent: { entry: hashOf(queued.sent?.key ?? null) } })
  const there = await receiveKernel(connection.redis, new Store(join(root, 'there')), queued, quiet)
  t.match(there, { name: kernel.name, spec: kernel.spec, hash: kernel.hash, version: [6, 6, 6] })
  t.ok(readFileSync(there.image).equals(readFileSync(kernel.image)))
  t.ok(there.image.startsWith(join(root, 'there')))
  const other = receiveKernel(
    connection.redis,
    new Store(join(root, 'other')),
    { ...queued, hash: '0'.repeat(64) },
    quiet,
  )
  await t.rejects(other, { constructor: HostError, message: /is another kernel here than where it was added/ })
})

t.test('checkpoints go from one cache to another; what does not arrive is made', async (t) => {
  const server = await RedisServer.start(t)
  using connection = await Connection.open(server.address)
  const { redis } = connection
  const root = t.testdir()
  const notes: string[] = []
  const storeIn = (name: string, limit_bytes = 1e9) =>
    new TravellingStore({ redis, limit_bytes, root: join(root, name), log: (sentence) => notes.push(sentence) })
  const built: string[] = []
  const make = (who: string) => async (draft: string) => {
    built.push(who)
    mkdirSync(draft, { recursive: true })
    writeFileSync(join(draft, 'state'), 'a guest')
  }
  const entry = async (store: TravellingStore, who: string, key: string, kind = 'checkpoint') => {
    const { folder } = await store.entry(kind, key, make(who))
    await store.settled()
    return readFileSync(join(folder, 'state'), 'utf8')
  }
  await entry(storeIn('a'), 'a', 'one')
  t.equal(await entry(storeIn('b'), 'b', 'one'), 'a guest')
  t.same(built, ['a'], 'b has not made it')
  t.match(notes, ['A checkpoint came from another worker'])
  await entry(storeIn('none', 0), 'none', 'one')
  await entry(storeIn('b'), 'b', 'other', 'initramfs')
  t.equal(await sentEntry(redis, 'initramfs', hashOf('other')), undefined, 'nothing else travels')
  t.equal(notes.length, 1, 'nor was that tried')
  await entry(storeIn('full', 1), 'full', 'two')
  t.equal(await sentEntry(redis, 'checkpoint', hashOf('two')), undefined, 'Redis holds enough')
  t.same(built, ['a', 'none', 'b', 'full'])
  const { sha256 = '' } = (await sentEntry(redis, 'checkpoint', hashOf('one'))) ?? {}
  await redis.set(bytesKey(sha256, 0), 'altered')
  await entry(storeIn('c'), 'c', 'one')
  t.equal(built.at(-1), 'c')
  t.match(notes.at(-1), /^A checkpoint did not come from another worker, and is made here: Redis has something else/)
})
