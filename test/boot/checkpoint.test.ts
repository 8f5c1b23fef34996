import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, open, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { buildGuestImage } from '../../guest/image.ts'
import { cachedEntries, verifyCache } from '../../harness/base/cache.ts'
import { checkManifest, writeManifest } from '../../harness/base/manifest.ts'
import { defaultCacheRoot, Store } from '../../harness/base/store.ts'
import { Guests } from '../../harness/checkpoint/guests.ts'
import { qemuBuild } from '../../harness/checkpoint/qemu-build.ts'
import { dram, MiB, machine } from '../../harness/index.ts'
import type { Event } from '../../harness/run/events.ts'
import { prepare } from '../../harness/run/suite.ts'
import { KERNELS, runFiles } from './real-guest.ts'

const kernel = KERNELS[0] ?? 'debian'
const scratch = await mkdtemp(join(tmpdir(), 'tierlab-checkpoints-'))
t.teardown(() => rm(scratch, { recursive: true, force: true }))

// What takes long to prepare is shared with the user's cache; checkpoints are not.
await prepare(kernel, new Store(), { accel: 'auto', emit: () => {} })
const users = defaultCacheRoot()
let caches = 0
async function ownCache(place = scratch): Promise<string> {
  caches += 1
  const home = join(place, `cache-${caches}`)
  await mkdir(join(home, 'tierlab'), { recursive: true })
  for (const kind of readdirSync(users))
    if (!['checkpoint', 'in-use', 'durations.json'].includes(kind))
      await symlink(join(users, kind), join(home, 'tierlab', kind))
  process.env.XDG_CACHE_HOME = home
  return join(home, 'tierlab')
}

async function checkpointIn(root: string) {
  const [entry] = (await cachedEntries(new Store(root))).filter(({ kind }) => kind === 'checkpoint')
  if (entry === undefined) throw new Error('There is no checkpoint.')
  return entry
}

const quiet = (t: Parameters<typeof runFiles>[0], options: Parameters<typeof runFiles>[2] = {}) =>
  runFiles(t, ['survived/quiet.ts'], { kernels: [kernel], ...options })

function notes(events: readonly Event[]): string {
  return events.map((event) => (event.type === 'note' ? event.sentence : '')).join('\n')
}

t.test('a guest is booted once, and restored from then on', async (t) => {
  const root = await ownCache()
  const first = await quiet(t)
  t.match(first.results, [{ start: 'restore', fallback: '', verdict: { verdict: 'pass' } }])
  const { folder } = await checkpointIn(root)
  const { mtimeMs } = statSync(join(folder, 'state'))
  const again = await quiet(t)
  t.match(again.results, [{ start: 'restore', fallback: '', verdict: { verdict: 'pass' } }])
  t.equal(statSync(join(folder, 'state')).mtimeMs, mtimeMs, 'the same checkpoint')
  const console = await readFile(join(again.results[0]?.record ?? '', 'console.log'), 'utf8')
  t.match(console, /Linux version/, 'its console begins with the boot that it had')
  if ((await qemuBuild()).major >= 9) t.equal(statSync(join(folder, 'node0')).mode & 0o222, 0, 'nobody may write it')
  t.match((await quiet(t, { fresh: true })).results, [{ start: 'boot', fallback: '', verdict: { verdict: 'pass' } }])
})

t.test('what guests write does not reach their checkpoint, nor each other', async (t) => {
  const root = await ownCache()
  const files = ['survived/writes-its-memory.ts', 'survived/writes-its-memory.ts']
  await runFiles(t, files.slice(1), { kernels: [kernel] })
  const { folder } = await checkpointIn(root)
  for (const jobs of [1, 3]) {
    const runs = Array.from({ length: 3 }, () => runFiles(t, files.slice(1), { kernels: [kernel], jobs }))
    for (const { results } of await Promise.all(runs))
      t.match(results, [{ start: 'restore', verdict: { verdict: 'pass' } }])
  }
  t.same(await checkManifest(folder, { whole: true }), { state: 'sound' }, 'byte by byte')
})

t.test('a checkpoint that was truncated or altered is made again', async (t) => {
  const root = await ownCache()
  await quiet(t)
  const { folder } = await checkpointIn(root)
  await truncate(join(folder, 'node0'), 1 << 20)
  const truncated = await quiet(t)
  t.match(notes(truncated.events), /node0 was truncated or extended; building it again/)
  t.match(truncated.results, [{ start: 'restore', fallback: '', verdict: { verdict: 'pass' } }])
  const file = await open(join(folder, 'node0'), 'r+')
  await file.write(Buffer.from('altered'), 0, 7, 20 << 20)
  await file.close()
  const altered = await quiet(t)
  t.match(notes(altered.events), /node0 was altered; building it again/)
  t.match(altered.results, [{ start: 'restore', fallback: '', verdict: { verdict: 'pass' } }])
})

t.test('a state that this QEMU cannot load costs the fast way, and no verdict', async (t) => {
  const root = await ownCache()
  await quiet(t)
  const { folder } = await checkpointIn(root)
  // As another QEMU might have left it, under the name that is ours.
  const key = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')).key
  await writeFile(join(folder, 'state'), Buffer.alloc(300_000, 'another QEMU '))
  await writeManifest(folder, key)
  const { results, events } = await quiet(t)
  t.match(results, [{ start: 'restore', fallback: /^No restore with memory in files: /, verdict: { verdict: 'pass' } }])
  t.match(notes(events), /No restore with memory in files/)
})

t.test('QEMU killed while it restores', async (t) => {
  await ownCache()
  await quiet(t)
  let killed = 0
  const watch = setInterval(() => {
    for (const pid of guests('-incoming')) if (killed === 0) killed += Number(process.kill(pid, 'SIGKILL'))
  }, 1)
  const { results } = await quiet(t).finally(() => clearInterval(watch))
  t.equal(killed, 1)
  t.match(results, [{ verdict: { verdict: 'pass' } }])
  t.match(results[0]?.fallback, /^No restore with memory in files: /)
})

t.test('tierlab killed while it saves: the next run is clean', async (t) => {
  const root = await ownCache()
  const bin = resolve(import.meta.dirname, '../../bin/tierlab.mjs')
  const scenario = resolve(import.meta.dirname, '../survived/quiet.ts')
  const child = spawn(process.execPath, [bin, 'run', scenario, '--kernel', kernel, '--out', join(scratch, 'killed')], {
    stdio: 'ignore',
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const place = join(root, 'checkpoint')
  const drafts = () => (existsSync(place) ? readdirSync(place).filter((name) => name.startsWith('.draft')) : [])
  while (!drafts().some((draft) => existsSync(join(place, draft, 'node0')))) await sleep(10)
  child.kill('SIGKILL')
  await ended
  t.equal(drafts().length, 1, 'a draft is left')
  const { results } = await quiet(t)
  t.match(results, [{ start: 'restore', fallback: '', verdict: { verdict: 'pass' } }])
  t.same(drafts(), [], 'and swept')
})

t.test('twenty at once with an empty cache boot one guest between them', async (t) => {
  const root = await ownCache()
  const bin = resolve(import.meta.dirname, '../../bin/tierlab.mjs')
  const scenario = resolve(import.meta.dirname, '../survived/quiet.ts')
  const run = (index: number) =>
    new Promise<string>((done) => {
      const words = ['run', scenario, '--kernel', kernel, '--out', join(scratch, `twenty-${index}`), '--format', 'json']
      const child = spawn(process.execPath, [bin, ...words], { stdio: ['ignore', 'pipe', 'ignore'] })
      let text = ''
      child.stdout.on('data', (bytes: Buffer) => {
        text += bytes.toString()
      })
      child.once('exit', () => done(text))
    })
  const documents = await Promise.all(Array.from({ length: 20 }, (_, index) => run(index)))
  const runs = documents.flatMap((text) => JSON.parse(text).runs)
  t.equal(runs.length, 20)
  for (const run of runs) t.match(run, { verdict: 'pass', start: 'restore', fallback: '' })
  const checkpoints = (await cachedEntries(new Store(root))).filter(({ kind }) => kind === 'checkpoint')
  t.equal(checkpoints.length, 1)
  for await (const { entry, damage } of verifyCache(new Store(root)))
    if (entry.kind === 'checkpoint') t.equal(damage, null)
})

const isRoot = process.getuid?.() === 0
t.test('a disk that is full while a checkpoint is saved', { skip: !isRoot && 'only root may mount' }, async (t) => {
  const disk = join(scratch, 'small-disk')
  await mkdir(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', disk])
  } catch {
    return t.comment('Not tested: a container in which nothing may be mounted.')
  }
  t.teardown(() => execFileSync('umount', ['-l', disk]))
  await ownCache(disk)
  const { results } = await quiet(t)
  t.match(results, [{ start: 'boot', verdict: { verdict: 'pass' } }])
  t.match(results[0]?.fallback, /No restore with memory in files: .*No restore with memory in the stream: /)
})

t.test('a restored guest has the time of its restore, and the nonce of its save', async (t) => {
  const root = await ownCache()
  const store = new Store(root)
  const { image, boot, accel } = await prepare(kernel, store, { accel: 'auto', emit: () => {} })
  const { spec } = machine({ nodes: [dram(512 * MiB, { cpus: '0' })] })
  const plan = { machine: spec, image: boot.path, initramfs: image.initramfs, accelerator: accel.name }
  const signal = new AbortController().signal
  const guests = new Guests({ store, qemu: await qemuBuild(), signal, log: () => {} }, { fresh: false })
  const nonces = new Set<string>()
  for (const wait_ms of [0, 4_000]) {
    await sleep(wait_ms)
    const { vm, session, clock, start } = await guests.start(plan, join(scratch, `clock-${wait_ms}`))
    await using _ = vm
    t.equal(start, 'restore')
    await clock
    const { stdout } = await session.run('date +%s', 10_000)
    t.ok(Math.abs(Number(stdout) - Date.now() / 1000) < 3, `${stdout} is about now`)
    nonces.add(session.nonce)
  }
  t.equal(nonces.size, 1)
})

t.test('an agent that answers garbage is broken, and nothing is judged by it', async (t) => {
  const root = await ownCache()
  const garbage = '#!/bin/sh\nwhile :; do echo GET / HTTP/1.1; sleep 0.1; done >&3\n'
  const store = new Store(root)
  const { kernel: resolved, boot, accel } = await prepare(kernel, store, { accel: 'auto', emit: () => {} })
  const extra = [{ path: 'usr/lib/tierlab/agent', kind: 'file', mode: 0o755, data: Buffer.from(garbage) }] as const
  const { initramfs } = await buildGuestImage({ store, kernel: resolved, extra })
  const { spec } = machine({ nodes: [dram(512 * MiB, { cpus: '0' })] })
  const plan = { machine: spec, image: boot.path, initramfs, accelerator: accel.name }
  const signal = new AbortController().signal
  const sentences: string[] = []
  const guests = new Guests(
    { store, qemu: await qemuBuild(), signal, log: (sentence) => sentences.push(sentence) },
    { fresh: false },
  )
  await t.rejects(guests.start(plan, join(scratch, 'garbage')), { name: 'ProtocolError', message: /no reply: "GET/ })
  t.match(sentences, [/^No checkpoint, because the guest did not boot/])
})

t.test('guests that flood their console, or whose clock jumps', async (t) => {
  await ownCache()
  const { results } = await runFiles(t, ['survived/floods-its-console.ts', 'survived/its-clock-jumps.ts'], {
    kernels: [kernel],
  })
  for (const { verdict } of results) t.match(verdict, { verdict: 'pass', reason: '' })
  t.equal(results.length, 2)
})

/** Guests of this process whose command line has the word. */
function guests(word: string): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n')
  return rows.flatMap((row) => {
    const [pid, ppid, ...words] = row.trim().split(/\s+/)
    return Number(ppid) === process.pid && words[0]?.includes('qemu') && words.includes(word) ? [Number(pid)] : []
  })
}
