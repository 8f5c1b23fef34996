import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { dram, GiB, machine, scenario, shows } from '../../harness/index.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import type { Cell } from '../../harness/run/events.ts'
import { mergeShards } from '../../harness/run/merge.ts'
import { planFile, readPlan, writePlan } from '../../harness/run/plan-file.ts'
import { readRecorded, timesOf } from '../../harness/run/recorded.ts'
import { shardsOf, type Timed } from '../../harness/run/shard.ts'
import type { Kernel } from '../../kernels/index.ts'

const RECORDED = resolve(import.meta.dirname, '../recorded')
const BIN = resolve(import.meta.dirname, '../../bin/tierlab.mjs')
const box = machine({ nodes: [dram(GiB, { cpus: '0' })] })

function cell(name: string, kernel = 'debian:6.1.192-2', kernels = '>=6.1'): Cell {
  const claim = { why: 'It is so.', kernels, machine: box, steps: [shows({ hasMemory: '0' })] }
  const about: Kernel = {
    ...{ spec: 'debian:6.1', name: kernel, release: '6.1.0-56-cloud-amd64', version: [6, 1, 192], image: '/kernel' },
    ...{ modulesFolder: undefined, hash: kernel, config: undefined },
  }
  return { scenario: scenario(name, claim), file: `${name}.ts`, kernel: about, era: eraNamed('6.1') }
}

const someCells = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...'abcdefghijklmnop'), fc.constantFrom('k1', 'k2', 'k3')), {
    maxLength: 40,
    selector: ([name, kernel]) => `${name} ${kernel}`,
  })
  .map((pairs) => pairs.map(([name, kernel]) => cell(name, kernel)))
const somePast = fc.array(
  fc.record({
    kernel: fc.constantFrom('k1', 'k2', 'old'),
    scenario: fc.constantFrom(...'abcdefgh'),
    total_ms: fc.double({ min: 0, max: 100_000, noNaN: true }),
  }),
  { maxLength: 30 },
)

t.test('shards: all of the plan, nothing twice, the same wherever it is split', async (t) => {
  const property = fc.property(someCells, fc.integer({ min: 1, max: 9 }), somePast, (cells, of, past) => {
    const shards = shardsOf(cells, of, past)
    // Each cell has one shard, which exists: the union is exact and disjoint.
    const elsewhere = shardsOf(
      cells.map((one) => ({ ...one })),
      of,
      past.toReversed(),
    )
    return (
      shards.length === cells.length &&
      shards.every((shard) => Number.isInteger(shard) && shard >= 1 && shard <= of) &&
      JSON.stringify(shards) === JSON.stringify(elsewhere)
    )
  })
  t.equal(fc.defaultReportMessage(fc.check(property, { numRuns: 300 })), undefined)
})

t.test('shards: no fuller than the longest-first rule allows', async (t) => {
  const property = fc.property(someCells, fc.integer({ min: 1, max: 5 }), somePast, (cells, of, past) => {
    fc.pre(cells.length > 0 && past.length > 0)
    const known = new Map(past.map(({ kernel, scenario, total_ms }) => [`${kernel} ${scenario}`, Math.round(total_ms)]))
    const time = ({ kernel, scenario }: Cell) => known.get(`${kernel.name} ${scenario.name}`)
    const timed = cells.filter((one) => time(one) !== undefined)
    const last = [...known].map(([key, ms]): Timed => {
      const [kernel = '', name = ''] = key.split(' ')
      return { kernel, scenario: name, total_ms: ms }
    })
    const shards = shardsOf(timed, of, last)
    const loads = Array.from({ length: of }, () => 0)
    for (const [index, one] of timed.entries())
      loads[(shards[index] ?? 1) - 1] = (loads[(shards[index] ?? 1) - 1] ?? 0) + (time(one) ?? 0)
    const total = loads.reduce((sum, load) => sum + load, 0)
    const longest = Math.max(0, ...timed.map((one) => time(one) ?? 0))
    // Graham: whoever got the last piece had no more than the mean before it.
    return Math.max(0, ...loads) <= total / of + longest
  })
  t.equal(fc.defaultReportMessage(fc.check(property, { numRuns: 300 })), undefined)
  const four = ['a', 'b', 'c', 'd'].map((name) => cell(name))
  const ms = { a: 10, b: 7, c: 2, d: 1 }
  const past = Object.entries(ms).map(([name, total_ms]): Timed => ({ kernel: 'old', scenario: name, total_ms }))
  t.same(shardsOf(four, 2, past), [1, 2, 2, 2], 'by times on another kernel where this one has none')
  t.same(shardsOf(four, 2, []), [1, 2, 1, 2], 'in turns when nothing is known')
  t.same(shardsOf(four, 9, []), [1, 2, 3, 4], 'some have nothing')
})

const PLANNED = [
  { name: 'must fail', recorded: 'must-fail' },
  { name: 'memory', recorded: 'pass-6.1' },
  { name: 'other', recorded: 'pass-6.1' },
]

/** Shards as a run leaves them, of recorded runs, and one cell that is skipped. */
async function makeShards(root: string, of: number, names = PLANNED): Promise<string[]> {
  const cells = [...names.map(({ name }) => cell(name)), cell('for others', 'debian:6.1.192-2', '>=7.0')]
  const shards = shardsOf(cells, of, [])
  const places = cells.map(({ scenario }) => `debian-6.1.192-2/${scenario.name}`)
  const folders = Array.from({ length: of }, (_, index) => join(root, String(index + 1)))
  for (const [index, folder] of folders.entries()) {
    await writePlan(folder, planFile(cells, shards, places, { index: index + 1, of }))
    for (const [at, { recorded }] of names.entries())
      if (shards[at] === index + 1)
        cpSync(join(RECORDED, recorded), join(folder, places[at] ?? ''), { recursive: true })
  }
  return folders
}

const verdicts = async (folder: string) =>
  Object.fromEntries(
    (await readRecorded(folder)).results.map(({ cell, verdict }) => [cell.scenario.name, verdict.verdict]),
  )

t.test('merge: what all shards made, in one folder', async (t) => {
  const root = t.testdir()
  const folders = await makeShards(root, 2)
  t.same(await verdicts(folders[0] ?? ''), { 'must fail': 'fail', other: 'pass' }, 'a shard has its own')
  t.same(await mergeShards(folders.toReversed(), join(root, 'all')), [])
  t.same(await verdicts(join(root, 'all')), {
    'must fail': 'fail',
    memory: 'pass',
    other: 'pass',
    'for others': 'skip',
  })
  t.same((await readRecorded(join(root, 'all'))).unmade, [])
  t.equal((await readPlan(join(root, 'all')))?.shard, null)
  t.equal((await timesOf(join(root, 'all'))).length, 3)
  const [one] = await makeShards(join(root, 'single'), 1)
  t.same(await mergeShards([one ?? ''], join(root, 'of-one')), [])
})

t.test('merge: what is missing is named, and what cannot be read is no pass', async (t) => {
  const root = t.testdir()
  const [first = '', second = ''] = await makeShards(root, 2)
  t.same(await mergeShards([second], join(root, 'part')), [1])
  const part = await readRecorded(join(root, 'part'))
  t.match(part.unmade, ['must fail on debian:6.1.192-2 was not run', 'other on debian:6.1.192-2 was not run'])
  rmSync(join(first, 'debian-6.1.192-2/other'), { recursive: true })
  writeFileSync(join(second, 'debian-6.1.192-2/memory/run.json'), '{"half')
  t.same(await mergeShards([first, second], join(root, 'all')), [])
  const all = await readRecorded(join(root, 'all'))
  t.match(all.unmade.toSorted(), [/memory.run\.json is damaged/, 'other on debian:6.1.192-2 was not run'])
  t.same(await verdicts(join(root, 'all')), { 'must fail': 'fail', 'for others': 'skip' })
})

t.test('merge: errors name the folders', async (t) => {
  const root = t.testdir()
  const [first = '', second = ''] = await makeShards(join(root, 'a'), 2)
  const [other = ''] = await makeShards(join(root, 'b'), 3)
  const [another = ''] = await makeShards(join(root, 'c'), 2, PLANNED.slice(0, 2))
  const merge = (...folders: string[]) => mergeShards(folders, join(root, 'out'))
  await t.rejects(merge(first, first), { message: /a\/1 and .*a\/1 are both shard 1 of 2/ })
  await t.rejects(merge(first, other), { message: /different plans: one is of 2 shards, the other of 3/ })
  await t.rejects(merge(second, another), { message: /different plans: one has 4 runs, the other 3/ })
  await t.rejects(merge(first, RECORDED), { message: /recorded is not the folder of a shard/ })
  await t.rejects(mergeShards([first, second], first), { message: /1 is not empty/ })
  writeFileSync(join(second, 'plan.json'), '{')
  await t.rejects(merge(first, second), { message: /plan\.json is damaged/ })
  t.notOk(existsSync(join(root, 'out')), 'nothing was begun')
})

t.test('tierlab merge: its exit status, and what a program is told', async (t) => {
  const root = t.testdir()
  const [first = '', second = ''] = await makeShards(root, 2)
  const run = (args: readonly string[]) =>
    new Promise<{ status: number; stdout: string; stderr: string }>((done) => {
      const child = execFile(process.execPath, [BIN, ...args], (_e, stdout, stderr) =>
        done({ status: child.exitCode ?? -1, stdout, stderr }),
      )
    })
  mkdirSync(join(root, 'out'))
  const [whole, failing, passing] = await Promise.all([
    run(['merge', first, second, '-o', join(root, 'out/whole'), '--format', `junit=${root}/whole.xml`]),
    run(['merge', first, '-o', join(root, 'out/failing')]),
    run(['merge', second, '-o', join(root, 'out/passing'), '--format', 'json']),
  ])
  t.match(whole, { status: 1, stdout: /2 pass, 1 fail, 1 skip\n$/, stderr: '' })
  t.match(readFileSync(join(root, 'whole.xml'), 'utf8'), 'tests="4" failures="1" errors="0"')
  t.match(failing, { status: 1, stderr: /^tierlab: Shard 2 is missing\. memory on debian:6\.1\.192-2 was not run\./ })
  t.match(passing, { status: 69, stderr: /Shard 1 is missing/ })
  t.match(JSON.parse(passing.stdout), { runs: [{ scenario: 'memory' }, {}], stopped: /Shard 1 is missing/ })
})
