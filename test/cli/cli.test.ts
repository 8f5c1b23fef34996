import { execFile } from 'node:child_process'
import { lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import t from 'tap'
import {
  GuestCommandFailed,
  GuestLost,
  HostError,
  Interrupted,
  InvalidMachine,
  ProtocolError,
  UsageError,
} from '../../harness/base/errors.ts'
import { Store } from '../../harness/base/store.ts'
import { cacheBound, keepWithinBound } from '../../harness/cli/cache-command.ts'
import { agoWords } from '../../harness/cli/cache-words.ts'
import { errorParagraph } from '../../harness/cli/error-paragraph.ts'
import { statusOfError, statusOfResults } from '../../harness/cli/exit-status.ts'
import {
  findProgram,
  HOST_PACKAGES,
  HOST_PROGRAM_NAMES,
  HOST_PROGRAMS,
  NEEDS,
  requirePrograms,
} from '../../harness/cli/host-check.ts'
import { defaultMachine, machineFrom } from '../../harness/cli/machine-file.ts'
import { machineWords } from '../../harness/cli/machine-words.ts'
import { OutFolder } from '../../harness/cli/out-folder.ts'
import { storyLines } from '../../harness/cli/story-lines.ts'
import { dram, GiB, machine, memory, ndctl, pmem, refuses, scenario, shows } from '../../harness/index.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import { columns } from '../../harness/report/columns.ts'
import { styleFor } from '../../harness/report/style.ts'
import type { VerdictName } from '../../harness/run/verdict.ts'
import { VERSION } from '../../harness/version.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const BIN = join(ROOT, 'bin/tierlab.mjs')
const plain = styleFor({ write: () => {} })

function tierlab(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = ROOT) {
  return new Promise<{ status: number; stdout: string; stderr: string }>((done) => {
    const child = execFile(
      process.execPath,
      [BIN, ...args],
      { cwd, env: { ...process.env, ...env } },
      (_e, stdout, stderr) => done({ status: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

t.test('exit status of verdicts', async (t) => {
  const cases: [readonly VerdictName[], number][] = [
    [['pass', 'pass'], 0],
    [['pass', 'skip'], 0],
    [['known'], 0],
    [['known', 'splat'], 1],
    [['pass', 'fail'], 1],
    [['splat'], 1],
    [['crash'], 1],
    [['hang', 'broken'], 1],
    [['pass', 'broken'], 69],
    [['skip', 'skip'], 69],
    [[], 69],
  ]
  for (const [verdicts, status] of cases) {
    const results = verdicts.map((verdict) => ({
      verdict: { verdict, reason: '', step: null, differences: [], excerpt: [] },
    }))
    t.equal(statusOfResults(results), status, verdicts.join(', ') || 'none')
  }
})

t.test('exit status of what is thrown', async (t) => {
  t.equal(statusOfError(new UsageError('x')), 2)
  t.equal(statusOfError(new InvalidMachine('x')), 2)
  t.equal(statusOfError(new HostError('x')), 69)
  t.equal(statusOfError(new ProtocolError('x')), 69)
  t.equal(statusOfError(new GuestCommandFailed('x')), 1)
  t.equal(statusOfError(new GuestLost('x', 'exited', [])), 1, 'it panicked')
  t.equal(statusOfError(new GuestLost('x', 'silent', [])), 1, 'it hangs')
  t.equal(statusOfError(new GuestLost('x', 'no-boot', [])), 69)
  t.equal(statusOfError(new GuestLost('x', 'killed', [])), 69)
  t.equal(statusOfError(new Interrupted('x')), 130)
  t.equal(statusOfError(new RangeError('x')), 70)
})

t.test('an error is one paragraph, with its place only for who asks', async (t) => {
  t.equal(errorParagraph(new HostError('No network.\n  Try later.'), false), 'tierlab: No network. Try later.\n')
  t.match(errorParagraph(new HostError('x', { cause: new Error('why') }), true), /^tierlab: x\n.*at .*caused by .*why/s)
  t.match(errorParagraph(new RangeError('off by one'), false), /mistake in tierlab.*off by one.*--verbose/)
  t.match(
    errorParagraph(new GuestLost('Gone', 'exited', ['last words']), false),
    /last console lines:\n {2}last words\n$/,
  )
})

t.test('the host’s programs are in the list of packages, and nothing else decides what is needed', async (t) => {
  const packages = readFileSync(HOST_PACKAGES, 'utf8').trimEnd().split('\n')
  t.same(packages, [...packages].sort())
  for (const line of packages) t.match(line, /^[a-z0-9][a-z0-9.+-]+$/, 'one package a line, for xargs')
  for (const name of HOST_PROGRAM_NAMES) t.ok(packages.includes(HOST_PROGRAMS[name].package), name)
})

t.test('the check of the host names what is missing and the line that installs it', async (t) => {
  const folder = t.testdir({ zstd: '', xz: '' })
  t.throws(() => requirePrograms(['zstd', 'qemu-system-x86_64'], folder), {
    message:
      /lacks zstd \(package zstd\), qemu-system-x86_64 \(package qemu-system-x86\)\. .*xargs -a \S+ .*apt-get install/,
  })
  t.equal(findProgram('xz', folder), undefined, 'not executable')
  t.notOk(NEEDS.guest.includes('lz4'), 'guests boot without it')
})

t.test('every folder of records is new, and latest points to the last that was announced', async (t) => {
  const root = join(t.testdir(), 'runs')
  const now = new Date('2030-01-02T03:04:05Z')
  const [first, second] = [new OutFolder(root, now), new OutFolder(root, now)]
  t.equal(first.path, join(root, '2030-01-02T03-04-05'))
  t.equal(second.path, join(root, '2030-01-02T03-04-05-2'))
  for (const folder of [first, second]) folder.announce()
  t.equal(readlinkSync(join(root, 'latest')), '2030-01-02T03-04-05-2')
  writeFileSync(join(second.path, 'run'), '')
  for (const folder of [first, second]) folder.removeIfEmpty()
  t.throws(() => lstatSync(first.path))
  t.ok(lstatSync(second.path))
  mkdirSync(join(root, 'file'))
  writeFileSync(join(root, 'file', 'x'), '')
  t.throws(() => new OutFolder(join(root, 'file', 'x')), { message: /cannot be written.*--out/ })
})

t.test('machines of exec and shell', async (t) => {
  t.match(machineWords(defaultMachine()).join('\n'), /node 0: CPU 0, 1 GiB of DRAM\n.*\nnode 2: NVDIMM 2\.0 of 1 GiB/)
  const file = join(ROOT, 'scenarios/demotion/each-socket-demotes-to-its-nearest-pmem.ts')
  t.equal((await machineFrom(file)).nodes.length, 4, 'that of a scenario')
  await t.rejects(machineFrom(join(ROOT, 'harness/version.ts')), { message: /exports no machine/ })
  await t.rejects(machineFrom('/nowhere.ts'), { message: /no file/ })
})

t.test('explain: what changed, what is refused, what pins say', async (t) => {
  const box = machine({ nodes: [dram(GiB, { cpus: '0' }), pmem(GiB)] })
  const [, far] = box.nodes
  const text = (steps: Parameters<typeof scenario>[1]['steps']) =>
    storyLines(scenario('x', { why: 'x', kernels: '>=6.1', machine: box, steps }), eraNamed('6.12'), plain).join('\n')
  const story = text([
    shows({ tiers: { memory_tier4: '0' } }),
    shows({ hasMemory: '0' }, { kernels: '<6.7' }),
    ndctl.createNamespace(far, { mode: 'devdax' }),
    refuses(memory.online(far, 0), { says: 'nonexistent' }),
  ])
  t.match(story, /0\. boot\n(?:.*\n)*? {5}memory_tier4 +0\n/)
  t.match(story, '✓ pinned: tiers')
  t.match(story, '– pin for kernels <6.7 only')
  t.match(story, /\* NVDIMM 1\.0 +dax device bound to device_dax, no memory blocks/)
  t.match(story, /is refused, exit status \d+/)
  t.match(
    text([shows({ tiers: { memory_tier4: '0-1' } })]),
    '✗ tiers: pinned “memory_tier4: 0-1”, the model says “memory_tier4: 0”',
  )
})

/** A scenario whose pin the model does not share. */
const CONTRADICTING = `import { dram, GiB, machine, scenario, shows } from '${ROOT}/harness/index.ts'
const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' })] })
const steps = [shows({ tiers: { memory_tier5: '0' } })]
export default scenario('x', { why: 'x.', kernels: '>=6.1', machine: box, steps })
`

t.test('the command itself', async (t) => {
  const folder = t.testdir({ 'x.ts': CONTRADICTING })
  const [about, wrong, bare, judged, explained, contradicted] = await Promise.all([
    tierlab(['--version']),
    tierlab(['run', '--format', 'xml']),
    tierlab(['run', '--format', 'json'], { PATH: '/nowhere' }, folder),
    tierlab(['judge', 'test/recorded', '--format', 'json']),
    tierlab(['explain', 'scenarios/boot/memory-at-boot-is-in-the-dram-tier.ts']),
    tierlab(['explain', join(folder, 'x.ts')]),
  ])
  t.equal(explained.status, 0)
  t.match(contradicted, { status: 69, stdout: /✗ tiers: pinned “memory_tier5: 0”/ })
  t.same(about, { status: 0, stdout: `${VERSION}\n`, stderr: '' })
  t.match(wrong, { status: 2, stdout: '', stderr: /^tierlab: There is no format xml\. There are pretty, tap, .*\n$/ })
  t.match(bare, { status: 69, stderr: /^tierlab: This machine lacks .*qemu-system-x86_64.*\n$/ })
  t.match(JSON.parse(bare.stdout), { tierlab: VERSION, runs: [], stopped: /lacks/ })
  t.equal(judged.status, 1, 'some must not pass')
  const verdicts = JSON.parse(judged.stdout).runs.map(({ verdict }: { verdict: string }) => verdict)
  for (const verdict of ['pass', 'fail', 'splat', 'crash', 'hang']) t.ok(verdicts.includes(verdict), verdict)
})

t.test('columns: numbers to the right, and what is too wide alone', async (t) => {
  const rows = [
    ['a', '1 KiB', 'x'],
    ['ab', '12 KiB', ''],
    ['c'.repeat(50), '3 KiB', 'y'],
  ]
  t.equal(columns(rows, [1]), `a    1 KiB  x\nab  12 KiB\n${'c'.repeat(50)}   3 KiB  y\n`)
  const now = new Date('2030-01-03T00:00:00Z')
  t.same(
    [5, 65, 3600 * 5, 3600 * 24 * 3].map((seconds) => agoWords(new Date(now.getTime() - seconds * 1000), now)),
    ['just now', '1 min ago', '5 h ago', '3 days ago'],
  )
})

t.test('cache: list, verify, prune', async (t) => {
  const home = t.testdir()
  const store = new Store(join(home, 'tierlab'))
  const make = (kind: string, name: string, facts: object) =>
    store.entry(kind, name, async (draft) => {
      await writeFile(join(draft, `${kind}.json`), JSON.stringify(facts))
      await writeFile(join(draft, 'data'), Buffer.alloc(512 * 1024, 1))
    })
  const kernel = await make('kernel', 'a', { name: 'debian:6.1.2-3' })
  await make('checkpoint', 'b', { label: '2 nodes, booted by tcg' })
  const run = (args: string, env: Record<string, string> = {}) =>
    tierlab(['cache', ...args.split(' ')], { XDG_CACHE_HOME: home, TIERLAB_CACHE_SIZE: '', ...env })
  const [list, json, sound, wrong, wrongEnv] = await Promise.all([
    run('list', { TIERLAB_CACHE_SIZE: '2GiB' }),
    run('list --json'),
    run('verify'),
    run('prune --max-size 5x'),
    run('prune', { TIERLAB_CACHE_SIZE: 'much' }),
  ])
  t.match(list, { status: 0, stderr: '' })
  t.match(list.stdout, /^KIND +ENTRY +SIZE +USED +WHAT\n/)
  t.match(list.stdout, new RegExp(`\nkernel +${kernel.hash.slice(0, 12)} +\\d+ KiB +in use +debian:6\\.1\\.2-3\n`))
  t.match(list.stdout, /\ncheckpoint +[0-9a-f]{12} +\d+ KiB +in use +2 nodes, booted by tcg\n/)
  t.match(list.stdout, /\n\d+ [KM]iB of at most 2\.0 GiB in .*\/tierlab\n$/)
  t.match(JSON.parse(json.stdout), { tierlab: VERSION, root: store.root, entries: [{ in_use: true }, {}] })
  t.match(sound, { status: 0, stdout: '2 sound, 0 damaged\n' })
  t.match(wrong, { status: 2, stderr: /5x.*5GiB, 800MiB/ })
  t.match(wrongEnv, { status: 2, stderr: /TIERLAB_CACHE_SIZE is “much”/ })

  await writeFile(join(kernel.folder, 'data'), 'x')
  await rm(join(store.root, 'in-use'), { recursive: true })
  const damaged = await run('verify')
  t.equal(damaged.status, 1)
  t.match(damaged.stdout, /^damaged: kernel .*: data was truncated or extended \(.*\)\n1 sound, 1 damaged, .*\n$/)
  const pruned = await run('prune --max-size 0')
  t.match(pruned, { status: 0, stdout: /removed kernel .*\n(.*\n)?2 entries removed, .* freed, 0 KiB left\n/ })
})

t.test('the cache’s bound does not decide over a run', async (t) => {
  t.equal(cacheBound(''), 5 * GiB)
  t.equal(cacheBound('800MiB'), 800 * 1024 ** 2)
  t.throws(() => cacheBound('800 apples'), UsageError)
  const store = new Store(t.testdir({ file: '' }))
  t.equal(await keepWithinBound(store, GiB), undefined, 'nothing to say')
  await store.entry('thing', 'a', (draft) => writeFile(join(draft, 'data'), 'content'))
  t.match(
    await keepWithinBound(store, 0),
    /^The cache was beyond 0 KiB: 1 entry removed, \d+ KiB freed\. TIERLAB_CACHE_SIZE sets the bound\.$/,
    'what this process has used as well: its run is over',
  )
  const early = await tierlab(['run'], { TIERLAB_CACHE_SIZE: 'much' }, t.testdir())
  t.match(early, { status: 2, stderr: /TIERLAB_CACHE_SIZE/ })
})
