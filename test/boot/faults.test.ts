import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Store } from '../../harness/base/store.ts'
import type { Event } from '../../harness/run/events.ts'
import { readRecorded } from '../../harness/run/recorded.ts'
import { runsBelow } from '../../harness/run/rejudge.ts'
import { resolveKernel } from '../../kernels/index.ts'
import { KERNELS, runFiles } from './real-guest.ts'

const kernel = KERNELS[0] ?? 'debian'
const scratch = await mkdtemp(join(tmpdir(), 'tierlab-faults-'))
t.teardown(() => rm(scratch, { recursive: true, force: true }))

/** Guests whose parent is this process, or the given one. */
function guests(parent: number = process.pid): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' }).trim().split('\n')
  return rows.flatMap((row) => {
    const [pid, ppid, comm] = row.trim().split(/\s+/)
    return Number(ppid) === parent && comm?.startsWith('qemu') ? [Number(pid)] : []
  })
}

/** A process's state as ps says it; empty when there is none. */
function stateOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

t.test('a kernel that does not boot is broken, not a kernel that disagrees', async (t) => {
  const { image } = await resolveKernel(kernel, { store: new Store() })
  const bytes = await readFile(image)
  bytes.fill(0xcc, 64 * 1024, bytes.length - 1024)
  const path = join(scratch, 'vmlinuz')
  await writeFile(path, bytes)
  const { results } = await runFiles(t, ['fixtures/must-fail.ts'], {
    kernels: [`image:${path}`],
    accel: 'tcg',
    boot_limit_ms: 8_000,
  })
  t.match(results[0]?.verdict, { verdict: 'broken', step: 0, reason: /^The guest did not boot: / })
  t.same(guests(), [])
})

t.test('QEMU killed in the middle of a step is broken', async (t) => {
  const { results } = await runFiles(t, ['fixtures/must-hang.ts'], {
    kernels: [kernel],
    emit: (event: Event) => {
      if (event.type === 'waiting' && event.step === 1) for (const pid of guests()) process.kill(pid, 'SIGKILL')
    },
  })
  t.match(results[0]?.verdict, { verdict: 'broken', step: 1, reason: /^QEMU was killed from outside: .*SIGKILL/ })
})

t.test('an interrupted run ends at once, and its record says so', async (t) => {
  const controller = new AbortController()
  const notes: string[] = []
  const { results, out } = await runFiles(t, ['fixtures/must-hang.ts'], {
    kernels: [kernel],
    signal: controller.signal,
    emit: (event: Event) => {
      if (event.type === 'note') notes.push(event.sentence)
      if (event.type === 'end') t.fail('what was cut off is no result')
      if (event.type === 'waiting' && event.step === 1) controller.abort()
    },
  })
  t.same(results, [])
  const [record = ''] = await runsBelow(out)
  t.match(JSON.parse(await readFile(join(record, 'end.json'), 'utf8')), { kind: 'interrupted' })
  t.match(notes.at(-1), /^interrupted: must hang, on debian:/)
  t.match(await readRecorded(out), { results: [], unmade: [/^must hang on .* was interrupted$/] })
  t.same(guests(), [])
})

t.test('QEMU ends with tierlab, even when that is killed', async (t) => {
  const file = resolve(import.meta.dirname, '../fixtures/must-hang.ts')
  const bin = resolve(import.meta.dirname, '../../bin/tierlab.mjs')
  const child = spawn(process.execPath, [bin, 'run', file, '--kernel', kernel, '--out', scratch], { stdio: 'ignore' })
  const pid = child.pid ?? 0
  let started: number[] = []
  for (let tries = 0; tries < 300 && started.length === 0; tries += 1) {
    await sleep(100)
    started = guests(pid)
  }
  t.equal(started.length, 1, 'a guest runs')
  child.kill('SIGKILL')
  // A zombie is an end too: who reaps orphans, and when, is the host's affair.
  const left = () => started.map((guest) => stateOf(guest)).filter((state) => state !== '' && !state.startsWith('Z'))
  for (let tries = 0; tries < 200 && left().length > 0; tries += 1) await sleep(100)
  t.same(left(), [], 'and it is gone')
})
