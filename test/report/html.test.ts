import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { assets } from '../../harness/report/html/assets.ts'
import { CONSOLE_LIMITS, consoleLines } from '../../harness/report/html/console-lines.ts'
import { fileChanges } from '../../harness/report/html/file-changes.ts'
import { type Gathered, Gathering, type Source } from '../../harness/report/html/gather.ts'
import { page } from '../../harness/report/html/page.ts'
import { runDetail } from '../../harness/report/html/run-detail.ts'
import { NOT_OF, Slugs } from '../../harness/report/html/slugs.ts'
import { observedState } from '../../harness/report/html/state.ts'
import type { CellDetail, RunDetail, State, StepDetail } from '../../harness/report/html/view/data.ts'
import { html } from '../../harness/report/html/view/html.ts'
import { agree, lanesOf, lanesView } from '../../harness/report/html/view/lanes.ts'
import { machineSection } from '../../harness/report/html/view/machine.ts'
import { firstStep, linkTo, placeOf } from '../../harness/report/html/view/place.ts'
import { runView } from '../../harness/report/html/view/run.ts'
import { stateTable } from '../../harness/report/html/view/state-table.ts'
import { stepView } from '../../harness/report/html/view/steps.ts'
import { spansOf } from '../../harness/report/html/view/timings.ts'
import { timeWords } from '../../harness/report/html/view/words.ts'
import { hostile, recorded, renamed, sourceOf, wrongTier } from './html-data.ts'
import { result, SKIP } from './results.ts'

const NAMES = ['pass-6.1', 'pass-6.12', 'pass-7.3', 'must-fail', 'must-splat', 'must-crash', 'must-hang']

async function detailOf(name: string): Promise<RunDetail> {
  const { result, record } = sourceOf(await recorded(name))
  return { ...runDetail(result, record, null).detail, boot_log: null }
}

function gathered(sources: readonly Source[]): Gathered {
  const gathering = new Gathering()
  for (const source of sources) gathering.add(source)
  return gathering.finish([], null, new Date('2030-01-02T03:04:05Z'))
}

function unpacked<T>(packed: string | undefined): T {
  return JSON.parse(gunzipSync(Buffer.from(packed ?? '', 'base64')).toString())
}

function count(text: string, part: string): number {
  return text.split(part).length - 1
}

t.test('text never becomes markup', async (t) => {
  t.equal(
    html`<p title="${`"'<&>`}">${'</script>'}</p>`.markup,
    '<p title="&quot;&#39;&lt;&amp;&gt;">&lt;/script&gt;</p>',
  )
  t.equal(html`${['a', html`<b>${1}</b>`, null, false]}`.markup, 'a<b>1</b>')
  t.equal(html`${'\x1b[31mred\u202e\nline'}`.markup, '·[31mred·\nline', 'control characters are shown, not obeyed')
})

t.test('what a passing kernel shows is what the model says, as the page has them both', async (t) => {
  const targetless = ({ nodes, ...state }: State) => ({
    ...state,
    nodes: nodes.map(({ targets: _targets, ...node }) => node),
  })
  for (const name of ['pass-6.1', 'pass-6.12', 'pass-7.3']) {
    const { steps } = await detailOf(name)
    t.ok(steps.length > 2)
    for (const { title, observed, expected } of steps) {
      t.same(observed && targetless(observed), targetless(expected), `${name}: ${title}`)
      for (const node of observed?.nodes ?? [])
        if (node.targets === null) t.equal(name, 'pass-6.1', 'targets are logged since 6.2')
        else t.ok(agree(node.targets, expected.nodes[node.node]?.targets ?? []), `${name}: targets of ${node.node}`)
    }
  }
  const [, , online] = (await detailOf('pass-6.12')).steps
  t.match(online?.observed, {
    tiers: [
      { name: 'memory_tier4', nodes: [0] },
      { name: 'memory_tier22', nodes: [1] },
    ],
    nodes: [
      { has_cpu: true, targets: [[1]] },
      { online_bytes: 7 * 128 * 2 ** 20, targets: [] },
    ],
  })
})

t.test('where the memory of a workload lies', async (t) => {
  const pages = new Map([[1, { least: 2048, most: 4096 }]])
  const workload = { pages, total: 4096, files: [], process: false, mems: null }
  const files = {
    '/sys/devices/system/node/possible': '0-1',
    '/sys/fs/cgroup/tierlab/memory.numa_stat': 'anon N0=4096 N1=0\nshmem N0=0 N1=12582912',
  }
  const used = observedState(files, null, workload).nodes.map(({ used_bytes }) => used_bytes)
  t.same(used, [
    [0, 0],
    [12 * 2 ** 20, 12 * 2 ** 20],
  ])
  t.same(
    observedState(files, null, null).nodes.map(({ used_bytes }) => used_bytes),
    [null, null],
  )
  const { steps } = await detailOf('pass-6.12')
  const [step] = steps
  if (step?.observed == null) throw new Error('no step')
  const withUse = (state: State, of: readonly [number, number]) => ({
    ...state,
    nodes: state.nodes.map((node) => ({ ...node, used_bytes: of })),
  })
  const worked = {
    ...step,
    observed: withUse(step.observed, [12 * 2 ** 20, 12 * 2 ** 20]),
    expected: withUse(step.expected, [8 * 2 ** 20, 16 * 2 ** 20]),
  }
  t.match(lanesView(steps, worked).markup, '▪ 12 MiB')
  t.match(stateTable(worked).markup, '12 MiB <span class="quiet">(8 to 16 MiB)</span>')
  t.notMatch(stateTable(step).markup, 'workload')
})

t.test('steps: what went wrong, what was lost, what was not reached', async (t) => {
  const marks = async (name: string) => (await detailOf(name)).steps.map(({ mark }) => mark)
  t.same(await marks('pass-6.1'), ['good', 'good', 'good', 'good'])
  t.same(await marks('must-fail'), ['good', 'bad'])
  t.same(await marks('must-crash'), ['good', 'lost'])
  const record = await recorded('pass-6.1')
  const interrupted = { ...record.end, kind: 'interrupted' as const }
  const partial = sourceOf({ ...record, steps: record.steps.slice(0, 2), end: interrupted })
  const { detail } = runDetail(partial.result, partial.record, null)
  t.same(
    detail.steps.map(({ mark, observed }) => [mark, observed !== null]),
    [
      ['good', true],
      ['good', true],
      ['unreached', false],
      ['unreached', false],
    ],
  )
  const noBoot = {
    ...record.end,
    kind: 'no-boot' as const,
    messages: ['[    0.1] Kernel panic - not syncing: no init'],
  }
  const dead = sourceOf({ ...record, steps: [], end: noBoot })
  const told = runDetail(dead.result, dead.record, null)
  t.match(told.detail.steps[0], { mark: 'lost', observed: null })
  t.match(told.boot_log, [{ bad: 'panic', first: true }], 'what it said before it was lost')
  const wrong = sourceOf(await wrongTier())
  const judged = { ...runDetail(wrong.result, wrong.record, null).detail, boot_log: null }
  t.same(
    judged.steps.map(({ mark }) => mark),
    ['good', 'good', 'bad', 'unjudged'],
  )
  t.equal(firstStep(judged), 2)
  t.equal(firstStep({ ...judged, step: null }), 3)
})

t.test('what a step changed: blocks together, and of long texts the lines that changed', async (t) => {
  const block = (number: number, state: string) => ({ [`/sys/devices/system/node/node1/memory${number}/state`]: state })
  const before = { ...block(32, 'offline'), ...block(33, 'offline'), ...block(35, 'offline'), '/a': '1', '/same': 'x' }
  const after = { ...block(32, 'online'), ...block(33, 'online'), ...block(35, 'online'), '/b': '', '/same': 'x' }
  t.same(fileChanges(before, after), [
    { path: '/a', before: '1', after: null },
    { path: '/b', before: null, after: '' },
    { path: '/sys/devices/system/node/node1/memory[32-33,35]/state', before: 'offline', after: 'online' },
  ])
  t.same(fileChanges({ '/v': 'a 1\nb 2\nc 3' }, { '/v': 'a 1\nb 5\nc 3' }), [
    { path: '/v', before: 'b 2', after: 'b 5' },
  ])
  const many = [...Array(40).keys()].map((line) => `${line}`).join('\n')
  t.match(fileChanges({}, { '/v': many }), [{ before: null, after: /\n11\n… and 28 more lines$/ }])
  t.match(fileChanges({}, { '/v': 'x'.repeat(5000) })[0]?.after?.length, 601)
})

t.test('a console is cut where it is long, and never in a complaint', async (t) => {
  const { first, last, characters } = CONSOLE_LIMITS
  const flood = [...Array(10_000).keys()].map((line) => `[    1.0] line ${line}`)
  const lines = consoleLines(flood.with(5000, '[    1.0] WARNING: CPU: 0 PID: 1 at mm/memory-tiers.c:1 f+0x1/0x2'))
  t.same(lines[first], { left_out: 5000 - first })
  t.same(lines[first + 1], {
    text: '[    1.0] WARNING: CPU: 0 PID: 1 at mm/memory-tiers.c:1 f+0x1/0x2',
    bad: 'WARN',
    first: true,
  })
  t.same(lines[first + 2], { text: '[    1.0] line 5001', bad: 'WARN' })
  t.equal(lines.length, first + 1 + 40 + 1 + last)
  t.same(lines.at(-1), { text: '[    1.0] line 9999' })
  t.same(consoleLines(['x'.repeat(5000)]), [{ text: `${'x'.repeat(characters)}…` }])
  t.same(consoleLines(['a', 'b']), [{ text: 'a' }, { text: 'b' }])
  const splats = [...Array(5000).keys()].map(() => 'BUG: again')
  t.ok(
    consoleLines(splats).length <= first + last + 40 * CONSOLE_LIMITS.complaints + 1,
    'one complaint after the other',
  )
})

t.test('places and links', async (t) => {
  const key = 'debian:6.1.192-2/a-claim'
  for (const place of [
    { key, step: null, detail: 0 },
    { key, step: 3, detail: 0 },
    { key, step: 0, detail: 2 },
    { key, step: null, detail: 1 },
  ])
    t.same(placeOf(linkTo(place)), place)
  t.equal(linkTo({ key, step: 3, detail: 0 }), `#${key}/3`)
  t.same(placeOf('#debian%3A7.3%2Fa/1'), { key: 'debian:7.3/a', step: 1, detail: 0 }, 'as browsers may write it')
  for (const none of ['', '#', '#debian', '#%E0%A4%A']) t.equal(placeOf(none), null, none)
  t.same(placeOf('#a/b/x/y'), { key: 'a/b', step: null, detail: 0 })
  const slugs = new Slugs(NOT_OF.scenario)
  t.equal(new Slugs(NOT_OF.kernel).of('debian:7.3.4-1~bpo13+1'), 'debian:7.3.4-1~bpo13+1')
  t.equal(new Slugs(NOT_OF.kernel).of('tree:/src/linux (dirty)'), 'tree:-src-linux-dirty')
  t.same(
    ['A DIMM’s tier: 6.1!', 'a dimm s tier 6.1', '–', '?'].map((name) => slugs.of(name)),
    ['a-dimm-s-tier-6.1', 'a-dimm-s-tier-6.1-2', 'x', 'x-2'],
  )
})

t.test('repetitions: counts in the cell, each way of ending whole once, the bad one first', async (t) => {
  const good = renamed(await recorded('pass-6.12'), 'a wrong tier')
  const bad = await wrongTier()
  const repeats = [good, good, bad, good, bad].map((record, index) => sourceOf(record, `runs/${index}`))
  const { outline, chunks } = gathered(repeats)
  const cell = outline.rows[0]?.cells[0]
  t.match(cell, {
    flaky: true,
    counts: [
      ['pass', 3],
      ['fail', 2],
    ],
    key: 'debian:6.12.118-1/a-wrong-tier',
  })
  const detail = unpacked<CellDetail>(chunks[cell?.chunk ?? -1])
  t.same(
    detail.details.map(({ verdict }) => verdict),
    ['fail', 'pass'],
  )
  t.same(
    detail.repeats.map(({ verdict, detail: whole, record }) => [verdict, whole, record]),
    [
      ['pass', 1, 'runs/0'],
      ['pass', 1, 'runs/1'],
      ['fail', 0, 'runs/2'],
      ['pass', 1, 'runs/3'],
      ['fail', 0, 'runs/4'],
    ],
  )
  const text = page({ outline, chunks }, { script: '', style: '' })
  t.match(text, '3 pass, 2 fail')
  t.match(text, '<span class="mark">flaky</span>')
})

t.test('the matrix: kernels by number, rows by file, skips and gaps', async (t) => {
  const skip = { ...result(SKIP, { kernel: 'debian:7.3.4-1~bpo13+1', file: 'scenarios/kmem/x.ts' }) }
  const skipped: Source = { result: skip, record: null, judged_then: null }
  const names = ['pass-7.3', 'pass-6.12', 'pass-6.1', 'must-fail']
  const { outline, chunks } = gathered([
    ...(await Promise.all(names.map(recorded))).map((one) => sourceOf(one)),
    skipped,
  ])
  t.same(
    outline.kernels.map(({ name }) => name),
    ['debian:6.1.192-2', 'debian:6.12.118-1', 'debian:7.3.4-1~bpo13+1'],
  )
  t.same(
    outline.rows.map(({ name, folder, cells }) => [name, folder, cells.map((cell) => cell?.counts[0]?.[0] ?? null)]),
    [
      ['dax memory lands in the default dax tier', 'kmem', ['pass', 'pass', 'pass']],
      ['a claim', 'kmem', [null, null, 'skip']],
      ['must fail', 'fixtures', ['fail', null, null]],
    ],
  )
  const text = page({ outline, chunks }, { script: '', style: '' })
  t.match(text, SKIP.reason.replace('>', '&gt;'))
  t.equal(count(text, '<th scope="row"'), 3)
  t.equal(count(text, '<th scope="rowgroup"'), 2)
  t.equal(count(text, '<th scope="col">'), 4)
  const lost = gathered([{ ...sourceOf(await recorded('must-crash')), record: null }])
  const other = page(lost, { script: '', style: '' })
  t.match(other, /There is no record of it\.".*crash/, 'a run that could not be recorded has its verdict all the same')
  t.notMatch(other, 'class="cell"')
})

t.test('whatever a record says is text', async (t) => {
  const source = sourceOf(await hostile(), '</script><script>alert(3)</script>')
  const { outline, chunks } = gathered([source])
  const text = page({ outline: { ...outline, unread: ['<script>alert(4)</script>'] }, chunks }, await assets())
  t.equal(count(text, '</script>'), chunks.length + 1, 'scripts are the chunks and the page’s own')
  t.notMatch(text, /<img|onerror=(?!alert)|<script>alert/)
  const cell = unpacked<CellDetail>(chunks.at(-1))
  const [run] = cell.details
  if (run === undefined) throw new Error('no run')
  const views = [
    runView(cell, run, { key: 'a/b', step: 1, detail: 0 }),
    ...run.steps.map((_step, at) => stepView(run, at)),
  ]
  for (const { markup } of views) t.notMatch(markup, /<script|<img/)
  t.match(views.map(({ markup }) => markup).join(''), '&lt;/script&gt;&lt;script&gt;alert(1)')
})

t.test('the page is one file that loads nothing, and heeds no other script', async (t) => {
  const { script, style } = await assets()
  const sources = await Promise.all(NAMES.map(async (name) => sourceOf(await recorded(name))))
  const text = page(gathered(sources), { script, style })
  t.notMatch(text, /https?:(?!\/\/www\.w3\.org)|\ssrc=|url\(\s*["']?(?!#)|@import|<link(?! rel="icon" href="data:,">)/)
  const sha = (of: string) => `'sha256-${createHash('sha256').update(of).digest('base64')}'`
  t.ok(text.includes(`script-src ${sha(script)}`))
  t.ok(text.includes(`style-src ${sha(style)}`))
  t.match(text, "default-src 'none'")
  t.notMatch(text, / style="/, 'which the policy forbids')
  t.notMatch(script, /<\/script/i)
  t.match(text, '<title>tierlab: 5 × 3</title>')
})

t.test('logs of a boot that guests share are kept once', async (t) => {
  const record = await recorded('pass-6.1')
  const { chunks } = gathered(['a', 'b', 'c'].map((name) => sourceOf(renamed(record, name))))
  t.equal(chunks.length, 4, 'one log, three cells')
})

t.test('lanes: the fastest tier first, and where a node is that should be elsewhere', async (t) => {
  const { result, record } = sourceOf(await wrongTier())
  const { steps } = runDetail(result, record, null).detail
  t.same(lanesOf(steps), ['memory_tier4', 'memory_tier22'])
  const [, , wrong] = steps
  if (wrong === undefined) throw new Error('no step')
  const drawn = lanesView(steps, wrong).markup
  t.match(drawn, /class="chip bad"[\s\S]*node 1/)
  t.match(drawn, 'expected here')
  t.match(drawn, 'class="arrow bad missing"')
  const right = await detailOf('pass-6.12')
  const step = right.steps[2] as StepDetail
  const good = lanesView(right.steps, step).markup
  t.notMatch(good, /(chip|arrow) bad|ghost/)
  t.match(good, 'aria-label="memory_tier4: nodes 0; memory_tier22: nodes 1; node 0 demotes to 1"')
  t.match(good, 'class="arrow off"', 'demotion is not enabled')
  const free: StepDetail = {
    ...step,
    observed: null,
    expected: {
      ...step.expected,
      demotion_enabled: true,
      nodes: step.expected.nodes.map((node) => ({ ...node, targets: node.node === 0 ? [[1], [0]] : [] })),
    },
  }
  t.match(lanesView(right.steps, free).markup, /class="arrow on free".*node 0 demotes to 1 or 0/s)
})

t.test('the machine is drawn with its distances; with many nodes the table alone has them', async (t) => {
  const node = { cpus: [0], parts: [{ kind: 'DRAM' as const, name: 'DRAM', bytes: 2 ** 30 }] }
  const machine = (nodes: number) => ({
    nodes: Array.from({ length: nodes }, () => node),
    distances: Array.from({ length: nodes }, (_, from) =>
      Array.from({ length: nodes }, (_o, to) => 10 + from * 10 + to),
    ),
    notes: [],
  })
  const three = machineSection(machine(3)).markup
  t.equal(count(three, 'class="arc"'), 3)
  t.match(three, '>12 / 30<', 'there, and back')
  t.match(three, '1 GiB')
  const eight = machineSection(machine(8)).markup
  t.equal(count(eight, 'class="arc"'), 0)
  t.equal(count(eight, '<td class="'), 64)
})

t.test('timings: one after the other, without what a checkpoint had', async (t) => {
  const run = await detailOf('pass-6.1')
  const spans = spansOf(run)
  t.equal(spans[0]?.name, 'boot the guest')
  t.equal(spans.length, 2 + 2 * 3 + 1)
  for (const [index, span] of spans.entries()) {
    const before = spans[index - 1]
    if (before) t.ok(Math.abs(span.from_ms - before.from_ms - before.ms) < 1e-6)
  }
  const restored = {
    ...run,
    started_by: 'restore' as const,
    steps: run.steps.map((step) => ({ ...step, restored: step.index < 3 })),
  }
  t.same(
    spansOf(restored)
      .slice(0, -1)
      .map(({ kind }) => kind),
    ['start', 'command', 'observe'],
  )
  t.same([999, 1000, 99_900, 125_000].map(timeWords), ['999 ms', '1.0 s', '99.9 s', '2 min 5 s'])
})

t.test('a verdict that was another when it was run is told', async (t) => {
  const { result: judged, record } = sourceOf(await recorded('pass-6.1'))
  const { detail, boot_log } = runDetail(judged, record, 'fail: x')
  t.ok(boot_log.length > 300 - CONSOLE_LIMITS.last)
  const cell: CellDetail = {
    ...{ scenario: 'x', why: 'y', file: 'z', kernel: 'k', earlier: 'fail', repeats: [] },
    details: [{ ...detail, boot_log: 0 }],
  }
  const { markup } = runView(cell, { ...detail, boot_log: 0 }, { key: 'a/b', step: null, detail: 0 })
  t.match(markup, 'When it was run it was judged: fail: x')
  t.match(markup, 'earlier: fail')
})
