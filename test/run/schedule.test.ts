import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { whileLocked } from '../../harness/base/lock.ts'
import { GiB, MiB } from '../../harness/base/size.ts'
import { Store } from '../../harness/base/store.ts'
import { memoryFiles } from '../../harness/checkpoint/memory.ts'
import { daxctl, dram, guest, machine, ndctl, pmem, type Scenario, scenario, shows } from '../../harness/index.ts'
import { budgetOf, memoryCost } from '../../harness/run/budget.ts'
import { Durations, longestFirst } from '../../harness/run/durations.ts'
import { type Cell, inPlanOrder, type RunResult } from '../../harness/run/events.ts'
import { plan, repeated } from '../../harness/run/plan.ts'
import { workOff } from '../../harness/run/pool.ts'
import type { RunRecord, StepRecord } from '../../harness/run/record.ts'
import { sharedBeginnings } from '../../harness/run/shared-beginning.ts'
import { restoreDifferences } from '../../harness/run/verify-restore.ts'
import type { Kernel } from '../../kernels/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes
const create = ndctl.createNamespace(slow, { mode: 'devdax' })
const online = daxctl.reconfigureDevice(slow, { mode: 'system-ram' })
const kernel: Kernel = {
  ...{ spec: 'x', name: 'debian:6.1.1-1', release: '6.1.1', version: [6, 1, 1], image: '/x', config: undefined },
  ...{ modulesFolder: undefined, hash: 'x' },
}

function claim(name: string, steps: Scenario['steps'], kernels = '>=6.1'): Scenario {
  return scenario(name, { why: 'x', kernels, machine: box, steps: [shows({ tiers: { memory_tier4: '0' } }), ...steps] })
}

function cellsOf(scenarios: readonly Scenario[], kernels = [kernel]): Cell[] {
  return plan(
    scenarios.map((scenario) => ({ scenario, file: `${scenario.name}.ts` })),
    kernels,
  )
}

t.test('work goes side by side as far as the budget allows, in its order', async (t) => {
  const trace = async (sizes: readonly number[], jobs: number, memory_bytes: number) => {
    const begun: number[] = []
    let [now, most, memory, mostMemory] = [0, 0, 0, 0]
    await workOff(sizes, { jobs, memory_bytes, memory: (size) => size }, async (size) => {
      begun.push(size)
      now += 1
      memory += size
      most = Math.max(most, now)
      mostMemory = Math.max(mostMemory, memory)
      await sleep(size)
      now -= 1
      memory -= size
      return true
    })
    return { begun, most, mostMemory }
  }
  t.same(await trace([5, 4, 3, 2, 1], 1, 100), { begun: [5, 4, 3, 2, 1], most: 1, mostMemory: 5 })
  t.match(await trace([5, 4, 3, 2, 1], 3, 100), { begun: [5, 4, 3, 2, 1], most: 3 })
  const narrow = await trace([6, 6, 3, 1], 4, 10)
  t.same(narrow.begun.toSorted(), [1, 3, 6, 6])
  t.same(narrow.begun.slice(0, 3), [6, 3, 1], 'what fits goes before what does not')
  t.equal(narrow.mostMemory, 10)
  t.match(await trace([50, 60], 4, 10), { most: 1 }, 'what fits nowhere runs alone')
})

t.test('no more is begun after one that says so, or fails; what runs is waited for', async (t) => {
  const begun: number[] = []
  const ended: number[] = []
  const work = async (item: number) => {
    begun.push(item)
    await sleep(item === 1 ? 20 : 1)
    ended.push(item)
    if (item === 3) throw new Error('three')
    return item !== 2
  }
  const costs = { jobs: 2, memory_bytes: 10, memory: () => 1 }
  await workOff([1, 2, 3], costs, work)
  t.same(
    [begun, ended],
    [
      [1, 2],
      [2, 1],
    ],
  )
  await t.rejects(workOff([1, 3, 4], costs, work), { message: 'three' })
  t.same(begun.slice(2), [1, 3])
  t.same(ended.slice(2), [3, 1])
})

t.test('longest first, those never made before all others; kept from run to run', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'tierlab-durations-'))
  t.teardown(() => rm(root, { recursive: true }))
  const store = new Store(root)
  const cells = cellsOf(['a', 'b', 'c', 'd'].map((name) => claim(name, [])))
  const names = (order: readonly Cell[]) => order.map(({ scenario }) => scenario.name).join('')
  t.equal(names(longestFirst(cells, await Durations.read(store))), 'abcd')
  const result = (index: number, total: number, verdict: 'pass' | 'hang') => {
    const cell = cells[index]
    if (cell === undefined) throw new Error('no such cell')
    const made: RunResult = {
      ...{ cell, accel: { name: 'tcg', reason: '' }, start: 'restore', fallback: '', record: null, command_line: '' },
      timings_ms: { start: 0, steps: 0, observe: 0, total },
      verdict: { verdict, reason: '', step: null, differences: [], excerpt: [] },
    }
    return made
  }
  const results = [result(2, 30, 'pass'), result(0, 10, 'pass'), result(1, 20, 'pass'), result(3, 60_000, 'hang')]
  await (await Durations.read(store)).keep(results)
  t.equal(names(longestFirst(cells, await Durations.read(store))), 'dcba', 'what hung is not how long it takes')
  t.equal(names(inPlanOrder(results, cells).map(({ cell }) => cell as Cell)), 'abcd')
  await writeFile(join(root, 'durations.json'), 'garbage')
  t.equal(names(longestFirst(cells, await Durations.read(store))), 'abcd')
})

t.test('a budget counts memory, and cores where it is asked to', async (t) => {
  t.equal((await budgetOf(7)).jobs, 7)
  const auto = await budgetOf('auto')
  t.ok(auto.jobs >= 1 && auto.memory_bytes > 0)
  t.equal(memoryCost(box.spec), 200 * MiB + (2 * GiB) / 8)
})

t.test('the most of the first steps that enough others begin with', async (t) => {
  const shared = (scenarios: readonly Scenario[], kernels = [kernel]) => {
    const cells = cellsOf(scenarios, kernels)
    const found = sharedBeginnings(cells, 3)
    return cells.map((cell) => found.get(cell) ?? null)
  }
  const both = ['a', 'b', 'c'].map((name) => claim(name, [create, online]))
  t.same(shared(both), [2, 2, 2])
  t.same(shared([...both.slice(1), claim('d', [create])]), [1, 1, 1])
  t.same(shared(both.slice(1)), [0, 0], 'two are too few')
  t.same(
    shared([...both.slice(1), claim('e', [create, online], '>=6.12')]),
    [0, 0, null],
    'what is skipped is no other',
  )
  const resets = ['a', 'b', 'c'].map((name) => claim(name, [create, guest.reboot(), online]))
  t.same(shared(resets), [1, 1, 1], 'it ends where something is typed into the monitor')
  const other = machine({ nodes: [dram(2 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
  const elsewhere: Scenario = { ...claim('f', [create, online]), machine: other.spec }
  t.same(shared([...both.slice(1), elsewhere]), [0, 0, 0], 'nor is another machine’s')
  t.same(shared(both.slice(1), [kernel, { ...kernel, hash: 'y' }]), [0, 0, 0, 0], 'nor another kernel’s')
})

t.test('what a restored guest must show as a booted one does', async (t) => {
  const step = (index: number, files: Record<string, string>, status = 0): StepRecord => ({
    ...{ index, title: '', script: '', status, stdout: String(Math.random()), stderr: '', timed_out: false },
    ...{ duration_ms: Math.random(), observe_ms: 1, files, messages: [] },
  })
  const record = (...steps: StepRecord[]) => ({ steps }) as unknown as RunRecord
  const boot = '/proc/sys/kernel/random/boot_id'
  const one = record(step(0, { '/a': '1', [boot]: 'x' }), step(1, { '/a': '2', [boot]: 'x' }))
  t.same(restoreDifferences(one, record(step(0, { '/a': '1', [boot]: 'y' }), step(1, { '/a': '2' }))), [])
  const counts = (value: string) =>
    record(step(0, { '/proc/vmstat': value, '/sys/fs/cgroup/tierlab/memory.numa_stat': value }))
  t.same(restoreDifferences(counts('1'), counts('2')), [], 'counts of all that a guest ever did are its own')
  t.match(restoreDifferences(one, record(step(0, { '/a': '1' }), step(1, { '/a': '3', '/b': '' }, 1))), [
    { path: 'step 1: exit status', expected: '0', observed: '1' },
    { path: 'step 1: /a', expected: '2', observed: '3' },
    { path: 'step 1: /b', expected: '(absent)', observed: '' },
  ])
  t.match(restoreDifferences(one, record(step(0, { '/a': '1' }))), [
    { path: 'step 1: exit status', expected: '0', observed: '(no such step)' },
    { path: 'step 1: /a', observed: '(absent)' },
  ])
})

t.test('memory in files: shared to be kept, private to be restored, read-only where QEMU can', async (t) => {
  t.equal(
    memoryFiles('/a,b', 'shared', true)('node0', '1G'),
    'memory-backend-file,id=node0,size=1G,mem-path=/a,,b/node0,share=on',
  )
  t.match(memoryFiles('/x', 'private', false)('node0', '1G'), /,share=off$/)
  t.match(memoryFiles('/x', 'private', true)('node0', '1G'), /,share=off,readonly=on,rom=off$/)
})

t.test('one at a time, and a dead holder is none', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'tierlab-lock-'))
  t.teardown(() => rm(root, { recursive: true }))
  const path = join(root, 'lock')
  let [now, most] = [0, 0]
  const work = async () => {
    now += 1
    most = Math.max(most, now)
    t.equal(await readFile(path, 'utf8'), String(process.pid))
    await sleep(5)
    now -= 1
  }
  await writeFile(path, '999999999')
  await Promise.all([1, 2, 3].map(() => whileLocked(path, work)))
  t.equal(most, 1)
  await t.rejects(readFile(path), { code: 'ENOENT' })
  t.equal(await whileLocked(join(root, 'nowhere', 'lock'), async () => 'done'), 'done', 'no lock, no waiting')
})

t.test('repetitions come round by round, and each is a cell of its own', async (t) => {
  const once = cellsOf([claim('a', [create]), claim('b', [create])])
  const cells = repeated(once, 3)
  t.same(
    cells.map(({ scenario, repetition }) => [scenario.name, repetition]),
    [1, 2, 3].flatMap((round) => [
      ['a', round],
      ['b', round],
    ]),
  )
  t.equal(new Set(cells).size, 6)
  t.same(repeated(once, 1), once, 'once has no number')
})
