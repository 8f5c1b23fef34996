import t from 'tap'
import { Parser } from 'tap-parser'
import { z } from 'zod'
import { shellLine } from '../../harness/base/shell-words.ts'
import { JsonReport } from '../../harness/report/json.ts'
import { LiveArea } from '../../harness/report/live-area.ts'
import { markdownTable } from '../../harness/report/markdown.ts'
import { guestLine, Progress } from '../../harness/report/progress.ts'
import { reportFor } from '../../harness/report/report.ts'
import { styleFor } from '../../harness/report/style.ts'
import { Summary } from '../../harness/report/summary.ts'
import { verdictTable } from '../../harness/report/table.ts'
import { TapReport } from '../../harness/report/tap.ts'
import { printable, truncate, widthOf, wrap } from '../../harness/report/width.ts'
import type { RunResult } from '../../harness/run/events.ts'
import { CRASH, eventsOf, FAIL, PASS, result, SKIP, Text } from './results.ts'

// Whatever terminal the tests are run in.
process.env.TERM = 'xterm'
const plain = styleFor({ write: () => {} })
const all = [result(PASS), result(FAIL), result(CRASH, { name: 'another # claim' }), result(SKIP)]

t.test('json: one document with the names of the contract', async (t) => {
  const out = new Text()
  const report = new JsonReport(out)
  for (const event of eventsOf(all)) report.event(event)
  t.equal(out.text, '', 'nothing before the end')
  report.close()
  const Contract = z.object({
    tierlab: z.string(),
    runs: z.array(
      z.object({
        ...{ scenario: z.string(), kernel: z.string(), release: z.string(), era: z.string() },
        accel: z.object({ name: z.enum(['kvm', 'tcg']), reason: z.string() }),
        start: z.enum(['boot', 'restore']),
        ...{ verdict: z.string(), reason: z.string(), step: z.number().nullable() },
        differences: z.array(
          z.strictObject({ path: z.string(), expected: z.string(), observed: z.string(), rule: z.string() }),
        ),
        timings_ms: z.strictObject({ start: z.number(), steps: z.number(), observe: z.number(), total: z.number() }),
        record: z.string().nullable(),
      }),
    ),
  })
  const document = Contract.parse(JSON.parse(out.text))
  t.same(
    document.runs.map(({ verdict }) => verdict),
    ['pass', 'fail', 'crash', 'skip'],
  )
  t.equal(document.runs[1]?.differences.length, 5, 'all differences')
})

t.test('repetitions: one block and one field for a scenario, and how often each verdict came', async (t) => {
  const again = [PASS, PASS, FAIL, FAIL].map((verdict, index): RunResult => {
    const one = result(verdict)
    return { ...one, cell: { ...one.cell, repetition: index + 1 } }
  })
  const steady = [PASS, PASS, PASS, PASS].map((verdict, index): RunResult => {
    const one = result(verdict, { name: 'steady', file: 'scenarios/kmem/steady.ts' })
    return { ...one, cell: { ...one.cell, repetition: index + 1 } }
  })
  const results = [...again, ...steady, result(SKIP, { name: 'skipped', file: 'scenarios/kmem/skipped.ts' })]
  const summary = new Text()
  const report = new Summary(summary, plain)
  for (const event of eventsOf(results)) report.event(event)
  report.close()
  t.match(summary.text, '2 runs, each made 4 times: 1 had one verdict every time\n')
  t.match(summary.text, '  2 pass, 2 fail: a claim on debian:6.1.192-2\n')
  t.equal(summary.text.match(/^ {2}reason/gm)?.length, 1, 'what failed twice in one way is told once')
  t.match(summary.text, /^ {2}a claim +fail$/m, 'the table has what went wrong')
  t.match(summary.text, /^ {2}steady +pass$/m)
  t.match(markdownTable(results), '| a claim | pass, fail |')
  const tap = new Text()
  const points = new TapReport(tap)
  for (const event of eventsOf(results)) points.event(event)
  t.match(tap.text, 'ok 2 - a claim on debian:6.1.192-2, repetition 2\n')
  const once = new Text()
  const single = new Summary(once, plain)
  for (const event of eventsOf(all)) single.event(event)
  single.close()
  t.notMatch(once.text, 'each made')
})

t.test('json: valid without a run, and says why', async (t) => {
  const out = new Text()
  const report = new JsonReport(out)
  report.event({ type: 'stop', sentence: 'No network.' })
  report.close()
  t.match(JSON.parse(out.text), { runs: [], stopped: 'No network.' })
})

t.test('tap: what the parser reads back', async (t) => {
  const out = new Text()
  const report = new TapReport(out)
  for (const event of eventsOf(all)) report.event(event)
  report.close()
  t.match(out.text, /^TAP version 14\n1\.\.4\n/)
  const { results, points } = parse(out.text)
  t.match(results, { ok: false, count: 4, pass: 2, fail: 2, skip: 1, plan: { start: 1, end: 4 } })
  t.same(
    results?.failures.filter(({ tapError }) => tapError),
    [],
    'nothing that is no TAP',
  )
  t.match(points[1], {
    ok: false,
    name: 'a claim on debian:6.1.192-2',
    diag: { verdict: 'fail', step: 2, release: /^6/ },
  })
  t.same(points[1]?.diag.differences, FAIL.differences, 'differences, through YAML')
  t.equal(points[2]?.name, 'another # claim on debian:6.1.192-2', 'a hash in a name is no directive')
  t.match(points[3], { ok: true, skip: /the claim is for kernels >=6\.11/ })
})

t.test('the order in which runs end changes no report', async (t) => {
  const events = eventsOf(all)
  const ends = events.filter(({ type }) => type === 'end')
  const backwards = [...events.filter(({ type }) => type === 'plan'), ...ends.toReversed(), ...events.slice(-1)]
  for (const make of [
    (out: Text) => new TapReport(out),
    (out: Text) => new JsonReport(out),
    (out: Text) => new Summary(out, plain),
  ]) {
    const texts = [events, backwards].map((told) => {
      const out = new Text()
      const report = make(out)
      for (const event of told) report.event(event)
      report.close()
      return out.text
    })
    t.equal(texts[1], texts[0])
  }
  const out = new Text()
  const report = new TapReport(out)
  for (const event of [...events.filter(({ type }) => type === 'plan'), ...ends.slice(2, 3)]) report.event(event)
  report.close()
  t.match(out.text, /^not ok 3 - [\s\S]*Bail out! 3 runs were not made/m, 'a point keeps its number')
})

t.test('tap: bails out when it stops early, and only once', async (t) => {
  const out = new Text()
  const report = new TapReport(out)
  for (const event of eventsOf([result(PASS)], 3)) report.event(event)
  report.event({ type: 'stop', sentence: 'Interrupted\nby hand.' })
  report.close()
  t.equal(out.text.match(/Bail out!/g)?.length, 1)
  t.match(parse(out.text).results, { ok: false, bailout: 'Interrupted by hand.' })
  const early = new Text()
  new TapReport(early).close()
  t.match(parse(early.text).results, { ok: false, bailout: /no run was planned/ })
})

function parse(text: string) {
  const points: { ok: boolean; name: string; skip: boolean | string; diag: Record<string, unknown> }[] = []
  const parser = new Parser({ strict: true })
  parser.on('assert', ({ ok, name, skip, diag }) => points.push({ ok, name, skip, diag }))
  parser.end(text)
  return { results: parser.results, points }
}

t.test('table: aligned, folders as headings, a field for what was not run', async (t) => {
  const lines = verdictTable(
    [
      result(PASS, { name: 'one', file: 'scenarios/boot/one.ts', kernel: 'a' }),
      result(FAIL, { name: 'a longer name', file: 'scenarios/kmem/two.ts', kernel: 'a' }),
      result(PASS, { name: 'one', file: 'scenarios/boot/one.ts', kernel: 'debian:7.3.4-1' }),
    ],
    plain,
    80,
  )
  t.same(lines, [
    '                 a       debian:7.3.4-1',
    'scenarios/boot',
    '  one            pass    pass',
    'scenarios/kmem',
    '  a longer name  fail    –',
  ])
})

t.test('table: at a narrow terminal names are cut and kernels numbered', async (t) => {
  const kernels = ['debian:6.1.192-2', 'debian:6.12.118-1', 'debian:7.3.4-1~bpo13+1']
  const name = 'a name that says the whole claim, and so is rather long'
  const lines = verdictTable(
    kernels.map((kernel) => result(PASS, { name, kernel })),
    plain,
    60,
  )
  t.ok(
    lines.every((line) => widthOf(line) < 60),
    lines.join('\n'),
  )
  t.match(lines[0], /\[1\] +\[2\] +\[3\]/)
  t.match(lines.at(-1), '[3] debian:7.3.4-1~bpo13+1')
  t.match(lines[2], /a name that says.*… +pass +pass +pass$/)
})

t.test('summary: all that is needed of a run that did not pass', async (t) => {
  const out = new Text()
  const summary = new Summary(out, plain)
  for (const event of eventsOf([result(FAIL), result(CRASH)], 4)) summary.event(event)
  summary.close()
  for (const words of [
    'fail  a claim',
    'kernel      debian:6.1.192-2 (6.1.0-56-cloud-amd64), era 6.1, tcg',
    'reason      After “a step” the kernel differs from the model.',
    'differences 5',
    'observed  (empty)',
    '… and 2 more',
    'line 0 ·[31m',
    '… and 16 more lines',
    'record      runs/latest/a claim',
    'npx tierlab run scenarios/kmem/a-claim.ts --kernel debian:6.1.192-2',
    "npx tierlab judge 'runs/latest/a claim'",
    '1 fail, 1 crash, 2 not run in 12.3 s',
  ])
    t.match(out.text, words)
  t.ok(out.text.indexOf('memory_tier22') < out.text.indexOf('memory32'), 'tiers come first')
  t.notMatch(out.text, '\x1b', 'what a guest wrote does not act on the terminal')
})

t.test('summary: what was not restored, with the reason where all have the same', async (t) => {
  const said = (...reasons: readonly string[]) => {
    const out = new Text()
    const summary = new Summary(out, plain)
    const results = reasons.map((fallback, index) => ({ ...result(PASS, { name: `claim ${index}` }), fallback }))
    summary.event({ type: 'plan', cells: results.map(({ cell }) => cell), accel: [] })
    for (const one of results) summary.event({ type: 'end', result: one })
    summary.close()
    return out.lines.at(-2)
  }
  t.equal(said('', ''), '2 pass')
  t.equal(
    said('', 'No checkpoint: it is so.', 'No checkpoint: it is so.'),
    '3 pass; 2 not restored the fast way: No checkpoint: it is so',
  )
  t.equal(said('One.', 'Another.'), '2 pass; 2 not restored the fast way: each record says why')
})

t.test('summary: nothing to say when nothing was judged', async (t) => {
  const out = new Text()
  new Summary(out, plain).close()
  t.equal(out.text, '')
})

t.test('progress without a terminal: a line when a run ends, and nothing that moves', async (t) => {
  const out = new Text()
  const progress = new Progress(out, plain)
  progress.event({ type: 'note', sentence: 'Fetching.' })
  for (const event of eventsOf(all)) progress.event(event)
  progress.close()
  t.same(out.lines, [
    'Fetching.',
    'pass     5.4 s  debian:6.1.192-2  a claim',
    'fail     5.4 s  debian:6.1.192-2  a claim',
    'crash    5.4 s  debian:6.1.192-2  another # claim',
    'skip            debian:6.1.192-2  a claim',
    '',
  ])
})

t.test('progress on a terminal: redrawn in place, cleared at the end', async (t) => {
  const out = new Text(60)
  let now = 0
  const progress = new Progress(out, plain, false, () => now)
  const [plan, begin, waiting] = eventsOf([result(PASS)])
  for (const event of [plan, begin, waiting]) if (event) progress.event(event)
  now = 61_000
  progress.draw()
  const last = out.text.slice(out.text.lastIndexOf('\x1b[J') + 3).split('\n')
  t.same(last, ['   61 s  1/3  daxctl reconfigure-device · a claim · debian…', '   61 s  0 of 1 runs done'])
  progress.close()
  t.ok(out.text.endsWith('\x1b[1A\r\x1b[J'), 'nothing is left')
  t.notMatch(out.text, '\x1b[?25', 'the cursor is never hidden')
})

t.test('live area: fits, and counts the rows that a narrowed terminal has made', async (t) => {
  const sink = { text: '', columns: 40, isTTY: true, write: (text: string) => (sink.text += text) }
  const area = new LiveArea(sink)
  area.draw(['x'.repeat(100)])
  t.equal(sink.text, `${'x'.repeat(38)}…`)
  sink.columns = 20
  sink.text = ''
  area.above('stays\n')
  t.equal(sink.text, '\x1b[1A\r\x1b[Jstays\n')
})

t.test('a guest’s line keeps the time and the step however narrow', async (t) => {
  const { cell } = result(PASS, { name: 'a rather long name of a scenario' })
  const guest = { step: 3, steps: 7, what: 'daxctl reconfigure-device --mode=system-ram' }
  t.match(guestLine(cell, guest, '5 s', 40), /^ {4}5 s {2}3\/7 {2}daxctl recon…/)
  t.match(guestLine(cell, guest, '5 s', 200), 'a rather long name of a scenario · debian:6.1.192-2')
})

t.test('formats: with tap and json, standard output holds the report alone', async (t) => {
  for (const format of ['tap', 'json'] as const) {
    const [out, err] = [new Text(), new Text()]
    const report = reportFor([{ format }], { out, err, verbose: true })
    report.event({ type: 'note', sentence: 'A note.' })
    for (const event of eventsOf(all)) report.event(event)
    report.close()
    t.notMatch(out.text, 'A note.')
    t.match(err.text, 'A note.')
    t.match(err.text, 'daxctl reconfigure-device', 'steps, when asked for')
    t.match(err.text, 'qemu-system-x86_64 -accel tcg')
  }
})

t.test('colour: only on a terminal, and not when it is not wanted', async (t) => {
  const tty = { write: () => {}, isTTY: true }
  t.equal(styleFor(tty, { TERM: 'xterm' }).colour, true)
  t.equal(styleFor(tty, { TERM: 'xterm', NO_COLOR: '1' }).colour, false)
  t.equal(styleFor(tty, { TERM: 'dumb' }).colour, false)
  t.equal(styleFor({ write: () => {} }, { TERM: 'xterm' }).colour, false)
})

t.test('widths', async (t) => {
  t.equal(widthOf('a“…”日本'), 8)
  t.equal(truncate('日本語日本語', 6), '日本…')
  t.equal(truncate('abc', 3), 'abc')
  t.equal(truncate('abc', 0), '')
  t.equal(printable('a\tb\x1b[2Jc'), 'a  b·[2Jc')
  t.same(wrap('one two three', 7), ['one two', 'three'])
  t.same(wrap('', 7), [])
})

t.test('command lines that a shell takes apart again', async (t) => {
  t.equal(shellLine(['run', 'a b', "it's", '', '$x']), `run 'a b' 'it'\\''s' '' '$x'`)
})
