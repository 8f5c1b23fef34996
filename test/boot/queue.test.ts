import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { z } from 'zod'
import { defaultCacheRoot, Store } from '../../harness/base/store.ts'
import { readRecorded } from '../../harness/run/recorded.ts'
import { resolveKernel } from '../../kernels/index.ts'
import { RedisServer } from '../queue/redis-server.ts'

const BIN = resolve(import.meta.dirname, '../../bin/tierlab.mjs')
const SCENARIOS = resolve(import.meta.dirname, '../../scenarios')

const Status = z.object({
  workers: z.array(z.string()),
  counts: z.object({ cells: z.number(), done: z.number(), waiting: z.number(), active: z.number() }).loose(),
  cells: z.array(z.object({ scenario: z.string(), state: z.string(), by: z.string().optional() }).loose()),
})

/** A command of tierlab, with what it has said so far. */
class Command {
  readonly child: ChildProcess
  readonly #ended: Promise<unknown>
  said = ''

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [BIN, ...args], { env: { ...process.env, NO_COLOR: '1', ...env } })
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.said += chunk.toString()
      })
    this.#ended = once(this.child, 'close')
  }

  /** Its exit status; null when it was killed. */
  async status(): Promise<number | null> {
    await this.#ended
    return this.child.exitCode
  }
}

/** Guests below a process. */
function guestsOf(pid: number | undefined): string[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' }).trim().split('\n')
  return table.flatMap((line) => {
    const [own = '', parent, name = ''] = line.trim().split(/\s+/)
    return Number(parent) === pid && name.startsWith('qemu') ? [own] : []
  })
}

function isThere(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('qemu')
  } catch {
    return false
  }
}

async function until(what: string, is: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 240_000; !(await is()); await sleep(200))
    if (Date.now() > end) throw new Error(`It took too long: ${what}.`)
}

async function queueIn(t: { teardown(callback: () => Promise<void>): void }) {
  const server = await RedisServer.start(t)
  const root = await mkdtemp(join(tmpdir(), 'tierlab-test-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  const command = (args: readonly string[], env = {}) => {
    const one = new Command(['queue', ...args], { TIERLAB_REDIS: server.address, ...env })
    t.teardown(async () => {
      one.child.kill('SIGKILL')
    })
    return one
  }
  const ask = async (...args: string[]) => {
    const one = command(args)
    return { status: await one.status(), said: one.said }
  }
  const state = async () => Status.parse(JSON.parse((await ask('status', '--json')).said))
  return { server, root, command, ask, state }
}

t.test('two workers: one is killed in the middle of a cell, and Redis as well; nothing is lost', async (t) => {
  const { server, root, command, ask, state } = await queueIn(t)
  const folder = join(SCENARIOS, 'kmem')
  t.match(await ask('add', folder, '--kernel', 'debian:6.1', '--name', 'night'), { status: 0 })
  const planned = await state()
  t.ok(planned.counts.waiting >= 5, `${planned.counts.waiting} cells`)
  const work = () => command(['work', '--jobs', '1', '--stalled', '3', '--until-empty', '--verbose'])
  const [doomed, other] = [work(), work()]
  // In the middle: a guest runs, and steps are taken.
  await until(
    'a guest of the first worker',
    () => /\b[1-9]\d*\/\d+ {2}/.test(doomed.said) && guestsOf(doomed.child.pid).length > 0,
  )
  const [guest = ''] = guestsOf(doomed.child.pid)
  const held = (await state()).cells.filter(({ by }) => by?.endsWith(`:${doomed.child.pid}`))
  doomed.child.kill('SIGKILL')
  t.equal(await doomed.status(), null)
  await until('the end of its guest', () => !isThere(guest))
  await until('a cell that is done', async () => (await state()).counts.done > 0)
  const before = await state()
  t.ok(before.counts.done < planned.counts.waiting, 'there is more to do')
  await server.restart()
  const after = await state()
  t.equal(after.counts.cells, before.counts.cells)
  t.ok(after.counts.done >= before.counts.done, 'results are there')
  const waiting = await ask('status', '--wait', '240')
  t.equal(waiting.status, 0)
  t.match(
    { status: await other.status(), said: other.said },
    { status: 0, said: /is taken over from a worker that is not heard of any more/ },
  )
  const last = await state()
  t.equal(last.counts.done, planned.counts.waiting)
  t.equal(held.length, 1)
  const out = join(root, 'out')
  t.match(await ask('collect', '-o', out), { status: 0 })
  const told = await readRecorded(out)
  t.same(told.unmade, [])
  t.equal(told.results.filter(({ record }) => record !== null).length, planned.counts.waiting)
  t.ok(told.results.every(({ verdict }) => ['pass', 'known', 'skip'].includes(verdict.verdict)))
  t.match(await ask('add', folder, '--kernel', 'debian:6.1', '--name', 'again'), {
    said: /0 of \d+ cells added, \d+ done before/,
  })
  t.same([...guestsOf(other.child.pid), ...guestsOf(1)], [], 'no guest is left')
})

t.test(
  'an interrupted worker gives its cell back, and another machine does it, with a kernel and a checkpoint that it was sent',
  async (t) => {
    const { root, command, ask, state } = await queueIn(t)
    const debian = await resolveKernel('debian:6.1', { store: new Store() })
    const own = `image:${debian.image},modules=${debian.modulesFolder}`
    const files = ['boot/memory-at-boot-is-in-the-dram-tier.ts', 'kmem/dax-memory-lands-in-the-default-dax-tier.ts']
    const paths = files.map((file) => join(SCENARIOS, file))
    t.match(await ask('add', ...paths, '--kernel', own, '--name', 'own'), { status: 0 })
    const here = command(['work', '--jobs', '1', '--until-empty'])
    await until('a cell that is done', async () => (await state()).counts.done === 1)
    await until('a guest', () => guestsOf(here.child.pid).length > 0)
    here.child.kill('SIGINT')
    t.equal(await here.status(), 130)
    t.match((await state()).counts, { done: 1, waiting: 1, active: 0 })
    // Another machine’s cache, which has Debian’s programs for guests, and nothing of this kernel.
    const cache = join(root, 'cache/tierlab')
    mkdirSync(dirname(cache), { recursive: true })
    for (const kind of ['apt', 'userland'])
      cpSync(join(defaultCacheRoot(), kind), join(cache, kind), { recursive: true })
    t.match(await ask('add', ...paths, '--kernel', own, '--name', 'fresh', '--repeat', '2'), {
      said: /2 of 4 cells added, 1 done before, 1 in the queue/,
    })
    const there = command(['work', '--jobs', '1', '--until-empty'], { XDG_CACHE_HOME: dirname(cache) })
    t.equal(await there.status(), 0)
    t.match(there.said, /^Fetching image:.* from the queue \(\d+ MiB\)\.$/m)
    t.match(there.said, /^A checkpoint came from another worker \(\d+ MiB\)\.$/m)
    t.match(await ask('status', 'fresh'), { status: 0, said: /fresh: 4 done\nverdicts: 4 pass/ })
  },
)
