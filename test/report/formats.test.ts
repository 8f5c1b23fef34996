import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { XmlDocument, type XmlElement, XsdValidator } from 'libxml2-wasm'
import t, { type Test } from 'tap'
import { Parser } from 'tap-parser'
import { z } from 'zod'
import { KNOWN_ISSUES } from '../../harness/model/known-issues.ts'
import { checkedWishes, FORMATS, type Format, parseWish } from '../../harness/report/format.ts'
import { JsonDocument } from '../../harness/report/json.ts'
import { reportFor } from '../../harness/report/report.ts'
import type { Event, RunResult } from '../../harness/run/events.ts'
import { RunEnd, RunHead, StepRecord } from '../../harness/run/record.ts'
import { rejudge, runsBelow } from '../../harness/run/rejudge.ts'
import { VERDICTS, type VerdictName } from '../../harness/run/verdict.ts'
import { type KtapTest, readKtap } from './ktap-reader.ts'
import { eventsOf, FAIL, PASS, result, Text } from './results.ts'

const SCHEMAS = resolve(import.meta.dirname, '../../docs/schema')

function written(format: Format, events: readonly Event[]): string {
  const [out, err] = [new Text(), new Text()]
  const report = reportFor([{ format }], { out, err, verbose: false })
  for (const event of events) report.event(event)
  report.close()
  return out.text
}

/** What a reader of some format sees of one run. */
interface Seen {
  readonly name: string
  readonly verdict: string
}

/** Each verdict as docs/formats.md says that it is written, and `not-run` for what was planned and not made. */
const KTAP = {
  ...{ pass: 'ok', fail: 'not ok', splat: 'not ok', crash: 'not ok', hang: 'not ok TIMEOUT', known: 'ok XFAIL' },
  ...{ broken: 'not ok ERROR', skip: 'ok SKIP', 'not-run': 'not ok ERROR' },
} as const
const JUNIT = {
  ...{ pass: '', fail: 'failure fail', splat: 'failure splat', crash: 'failure crash', hang: 'failure hang' },
  ...{ known: 'skipped known', broken: 'error broken', skip: 'skipped skip', 'not-run': 'error not-run' },
} as const
const KCIDB = {
  ...{ pass: 'PASS', fail: 'FAIL', splat: 'FAIL', crash: 'FAIL', hang: 'FAIL', known: 'FAIL' },
  ...{ broken: 'ERROR', skip: 'SKIP', 'not-run': 'MISS' },
} as const
const TAP = {
  ...{ pass: 'ok', fail: 'not ok', splat: 'not ok', crash: 'not ok', hang: 'not ok', known: 'not ok todo' },
  ...{ broken: 'not ok', skip: 'ok skip' },
} as const

const junitXsd = XsdValidator.fromDoc(XmlDocument.fromString(readFileSync(join(SCHEMAS, 'junit.xsd'), 'utf8')))
const ajv = new Ajv2020({ strict: true, allErrors: true, validateFormats: false })
const kcidbSchema = ajv.compile(JSON.parse(readFileSync(join(import.meta.dirname, 'kcidb.schema.json'), 'utf8')))
const jsonSchema = ajv.compile(z.toJSONSchema(JsonDocument, { io: 'input' }))

function readTap(text: string): Seen[] {
  const seen: Seen[] = []
  const parser = new Parser({ strict: true })
  parser.on('assert', ({ ok, name, skip, todo, diag }) => {
    const words = [ok ? 'ok' : 'not ok', ...(todo ? ['todo'] : []), ...(skip ? ['skip'] : [])].join(' ')
    const verdict = skip ? 'skip' : String(diag.verdict)
    if (words !== TAP[z.enum(VERDICTS).parse(verdict)]) throw new Error(`${verdict} is written as ${words}`)
    seen.push({ name, verdict })
  })
  parser.end(text)
  const wrong = parser.results?.failures.filter(({ tapError }) => tapError) ?? []
  const bad = wrong.filter(({ tapError }) => !/incorrect number of tests|no plan/.test(String(tapError)))
  if (bad.length > 0) throw new Error(`not TAP: ${JSON.stringify(bad)}`)
  return seen
}

function readJunit(text: string): Seen[] {
  const document = XmlDocument.fromString(text)
  try {
    junitXsd.validate(document)
    return document.find('//testcase').map((node) => {
      const one = node as XmlElement
      const outcome = ['failure', 'error', 'skipped'].flatMap((kind) => {
        const child = one.get(kind)
        return child === null ? [] : [`${kind} ${(child as XmlElement).attr('type')?.value}`]
      })
      return { name: one.attr('name')?.value ?? '', verdict: outcome.join() }
    })
  } finally {
    document.dispose()
  }
}

function readKcidb(text: string) {
  const document = JSON.parse(text)
  if (!kcidbSchema(document)) throw new Error(ajv.errorsText(kcidbSchema.errors))
  const { tests, builds, checkouts, incidents, issues } = z
    .object({
      checkouts: z.array(z.object({ id: z.string() })),
      builds: z.array(z.object({ id: z.string(), checkout_id: z.string() })),
      tests: z.array(
        z.object({
          ...{ id: z.string(), build_id: z.string(), comment: z.string(), status: z.string() },
          misc: z.object({ verdict: z.string() }),
        }),
      ),
      incidents: z.array(z.object({ issue_id: z.string(), test_id: z.string() })),
      issues: z.array(z.object({ id: z.string() })),
    })
    .parse(document)
  const ids = (all: readonly { id: string }[]) => new Set(all.map(({ id }) => id))
  const dangling = [
    ...tests.filter(({ build_id }) => !ids(builds).has(build_id)),
    ...builds.filter(({ checkout_id }) => !ids(checkouts).has(checkout_id)),
    ...incidents.filter(({ issue_id, test_id }) => !ids(issues).has(issue_id) || !ids(tests).has(test_id)),
  ]
  if (dangling.length > 0) throw new Error(`refers to nothing: ${JSON.stringify(dangling)}`)
  if (ids(tests).size < tests.length) throw new Error('two tests have one id')
  return { tests, incidents, issues }
}

function readJson(text: string): Seen[] {
  const document: unknown = JSON.parse(text)
  if (!jsonSchema(document)) throw new Error(ajv.errorsText(jsonSchema.errors))
  return JsonDocument.parse(document).runs.map(({ scenario, verdict }) => ({ name: scenario, verdict }))
}

/** Text that would break each of the formats if it were written as it is. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom(
    ...[
      ']]>',
      '<![CDATA[',
      '&amp;',
      '"\'',
      '# SKIP',
      'a # TODO b',
      '\\#',
      'ends in \\',
      '\n...\n---\n',
      '- dash',
      '1..3',
    ],
    ...[
      'Bail out!',
      '\x1b[2J',
      '\0',
      '\ud800',
      '\ufffe',
      '\x85\u2028',
      'ok 1 - x\nnot ok 2',
      ' {',
      '語言',
      '\r\n',
      '%23',
    ],
  ),
  fc
    .array(fc.constantFrom('#', '\\', ' ', ']', '>', '\n', 'a', '-', '&', '\t', '{', ':'), { maxLength: 9 })
    .map((all) => all.join('')),
)

const aResult: fc.Arbitrary<RunResult> = fc
  .record({
    ...{ name: hostile, verdict: fc.constantFrom(...VERDICTS), reason: hostile, path: hostile, line: hostile },
    ...{ kernel: fc.constantFrom('debian:6.1.192-2', 'debian:7.3.4-1~bpo13+1', './linux # 2'), round: fc.nat(2) },
  })
  .map(({ name, verdict, reason, path, line, kernel, round }): RunResult => {
    const differs = verdict !== 'pass' && verdict !== 'skip'
    const difference = { path, expected: line, observed: reason, rule: name }
    const one = result(
      {
        ...PASS,
        verdict,
        reason: verdict === 'pass' ? '' : reason,
        step: differs ? 2 : null,
        differences: differs ? [difference] : [],
        excerpt: differs ? [line] : [],
      },
      { name: 'x', kernel },
    )
    const scenario = { ...one.cell.scenario, name }
    return { ...one, cell: { ...one.cell, scenario, ...(round > 0 && { repetition: round }) }, record: 'runs/1' }
  })

/** A plan, the runs of it that ended, in any order, and perhaps a stop. */
const aRun = fc
  .record({
    results: fc.array(aResult, { minLength: 1, maxLength: 8 }),
    stop: fc.option(hostile),
    made: fc.infiniteStream(fc.boolean()),
    order: fc.infiniteStream(fc.nat()),
  })
  .map(({ results, stop, made, order }) => {
    const ended = results.filter(() => made.next().value)
    const keys = new Map(ended.map((one) => [one, order.next().value ?? 0]))
    const events: Event[] = [
      { type: 'plan', cells: results.map(({ cell }) => cell), accel: [] },
      ...ended
        .toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0))
        .map((one): Event => ({ type: 'end', result: one })),
      ...(stop === null ? [] : [{ type: 'stop', sentence: stop } satisfies Event]),
    ]
    return { results, ended, events }
  })

function holds(t: Test, check: (run: { results: RunResult[]; ended: RunResult[]; events: Event[] }) => void) {
  t.equal(fc.defaultReportMessage(fc.check(fc.property(aRun, check), { numRuns: 150 })), undefined)
}

const points = (text: string) => [...text]
const isControl = (point: string) => /^[\x00-\x1f\x7f-\x9f]$/.test(point)
const oneLine = (text: string) =>
  text
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ')
const visible = (text: string) =>
  points(oneLine(text))
    .map((point) => (isControl(point) ? '·' : point))
    .join('')
const nameOf = ({ cell }: RunResult) => cell.scenario.name + (cell.repetition ? `, repetition ${cell.repetition}` : '')
const verdictIn = <T extends Record<string, string>>(table: T, one: RunResult, ended: readonly RunResult[]) =>
  table[ended.includes(one) ? one.verdict.verdict : 'not-run']

t.test('tap: whatever a title or a kernel says, names and verdicts are read back', async (t) => {
  holds(t, ({ ended, events }) => {
    const expected = ended.map((one) => {
      const { cell } = one
      const words = `${cell.scenario.name} on ${cell.kernel.name}${cell.repetition ? `, repetition ${cell.repetition}` : ''}`
      return { name: visible(words), verdict: one.verdict.verdict }
    })
    const text = written('tap', events)
    same(readTap(text), expected)
    if (/^ .*[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/m.test(text)) throw new Error('what YAML does not take')
  })
})

t.test('ktap: whatever a title or a kernel says, names and results are read back', async (t) => {
  holds(t, ({ results, ended, events }) => {
    const kernels = [...new Set(results.map(({ cell }) => cell.kernel.name))]
    const words = (text: string) =>
      visible(text)
        .replaceAll('#', '%23')
        .replace(/^[- ]+/, '')
        .trim()
    const read = readKtap(written('ktap', events)).map(({ name, subtests }) => [name, subtests.map(resultOf)])
    same(
      read,
      kernels.map((kernel) => [
        words(kernel),
        results
          .filter(({ cell }) => cell.kernel.name === kernel)
          .map((one) => ({ name: words(nameOf(one)), verdict: verdictIn(KTAP, one, ended) })),
      ]),
    )
  })
})

function resultOf({ name, ok, directive }: KtapTest): Seen {
  return { name, verdict: `${ok ? 'ok' : 'not ok'}${directive === '' ? '' : ` ${directive}`}` }
}

t.test('junit: valid, and names and outcomes are read back', async (t) => {
  const xml = (text: string) =>
    points(text)
      .map((point) => (/^[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]$/u.test(point) ? '\ufffd' : point))
      .join('')
  holds(t, ({ results, ended, events }) => {
    const kernels = [...new Set(results.map(({ cell }) => cell.kernel.name))]
    const ordered = kernels.flatMap((kernel) => results.filter(({ cell }) => cell.kernel.name === kernel))
    same(
      readJunit(written('junit', events)),
      ordered.map((one) => ({ name: xml(nameOf(one)), verdict: verdictIn(JUNIT, one, ended) })),
    )
  })
})

t.test('json: valid by its schema, and names and verdicts are read back', async (t) => {
  holds(t, ({ ended, events }) => {
    same(
      readJson(written('json', events)),
      ended.map(({ cell, verdict }) => ({ name: cell.scenario.name, verdict: verdict.verdict })),
    )
  })
})

t.test('kcidb: valid by a schema of our own reading, and names and statuses are read back', async (t) => {
  holds(t, ({ results, ended, events }) => {
    const distinct = new Set(
      results.map((one) => JSON.stringify([one.cell.kernel.name, nameOf(one)]).replaceAll('\\u0000', '')),
    )
    // Runs of one name on one kernel that were not made are one and the same.
    fc.pre(distinct.size === results.length)
    const { tests } = readKcidb(written('kcidb', events))
    same(
      tests.map(({ comment, status, misc }) => [comment, status, misc.verdict]),
      results.map((one) => [
        nameOf(one).replaceAll('\0', ''),
        verdictIn(KCIDB, one, ended),
        ended.includes(one) ? one.verdict.verdict : 'not-run',
      ]),
    )
  })
})

function same(found: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)]
  if (a !== b) throw new Error(`read back ${a}, written ${b}`)
}

t.test('kcidb: a known issue is an incident, another night is another test, the same record is the same', async (t) => {
  const [issue] = KNOWN_ISSUES
  const known = { ...FAIL, verdict: 'known' as const, reason: `${issue?.id}: ${issue?.reason} (there)` }
  const once = readKcidb(written('kcidb', eventsOf([result(known), result(PASS, { name: 'other' })])))
  t.equal(once.incidents.length, 1)
  t.equal(once.incidents[0]?.test_id, once.tests[0]?.id)
  t.match(once.issues, [{ id: `tierlab:${issue?.id}` }])
  t.same(readKcidb(written('kcidb', eventsOf([result(known), result(PASS, { name: 'other' })]))), once)
  const later = { ...result(PASS, { name: 'other' }), record: 'runs/tomorrow' }
  t.not(readKcidb(written('kcidb', eventsOf([later]))).tests[0]?.id, once.tests[1]?.id)
})

t.test('a run that planned nothing is green nowhere', async (t) => {
  const events: Event[] = [{ type: 'stop', sentence: 'No network # today.' }]
  t.same(readJunit(written('junit', events)), [{ name: 'plan', verdict: 'error not-run' }])
  t.match(readKtap(written('ktap', events)), [{ ok: false, directive: 'ERROR', reason: 'No network # today.' }])
  t.same(readKcidb(written('kcidb', events)).tests, [])
})

t.test('counts of junit are those of its cases', async (t) => {
  const verdicts: VerdictName[] = ['pass', 'fail', 'hang', 'broken', 'skip', 'known', 'pass']
  const text = written('junit', eventsOf(verdicts.map((verdict) => result({ ...PASS, verdict }, { name: verdict }))))
  t.match(text, /<testsuite name="debian:6\.1\.192-2" tests="7" failures="2" errors="1" skipped="2" time="38\.024">/)
  t.match(text, /<testsuites name="tierlab" tests="7" failures="2" errors="1" time="38\.024">/)
})

t.test('recorded runs, in each format that a program reads', async (t) => {
  const recorded = await runsBelow(resolve(import.meta.dirname, '../recorded'))
  const results = await Promise.all(recorded.map(rejudge))
  const events = eventsOf(results)
  const verdicts = results.map(({ verdict }) => verdict.verdict)
  t.same(
    readTap(written('tap', events)).map(({ verdict }) => verdict),
    verdicts,
  )
  t.same(
    readJson(written('json', events)).map(({ verdict }) => verdict),
    verdicts,
  )
  t.same(
    readJunit(written('junit', events)).map(({ verdict }) => verdict),
    verdicts.map((verdict) => JUNIT[verdict]),
  )
  t.same(
    readKcidb(written('kcidb', events)).tests.map(({ status }) => status),
    verdicts.map((verdict) => KCIDB[verdict]),
  )
  const crash = readKtap(written('ktap', events))[0]?.subtests[0]
  t.match(crash?.diagnostics.join('\n'), /sysrq triggered crash/)
})

t.test('published schemas are made from the types that are used, and records are valid by them', async (t) => {
  const published = { report: JsonDocument, run: RunHead, step: StepRecord, end: RunEnd }
  const folder = resolve(import.meta.dirname, '../recorded/must-crash')
  for (const [name, type] of Object.entries(published)) {
    const schema = z.toJSONSchema(type, { io: 'input' })
    const path = join(SCHEMAS, `${name}.json`)
    const text = `${JSON.stringify(schema, null, 2)}\n`
    if (process.env.UPDATE_DOCS) writeFileSync(path, text)
    t.equal(readFileSync(path, 'utf8'), text, `${name}.json is as UPDATE_DOCS=1 writes it`)
    if (name === 'report') continue
    const valid = ajv.compile(schema)
    const file = name === 'step' ? 'steps.jsonl' : `${name}.json`
    const lines = readFileSync(join(folder, file), 'utf8')
    const values: unknown[] =
      name === 'step'
        ? lines
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [JSON.parse(lines)]
    for (const value of values) t.ok(valid(value), ajv.errorsText(valid.errors))
    t.notOk(valid({}), 'nothing is no record')
  }
})

t.test('several formats: one on standard output, others in files; which are green only when written', async (t) => {
  const folder = t.testdir()
  const [out, err] = [new Text(), new Text()]
  const file = join(folder, 'report.xml')
  writeFileSync(file, 'of yesterday')
  const report = reportFor([parseWish(`junit=${file}`), parseWish(`tap=${folder}/a=b.tap`)], {
    out,
    err,
    verbose: false,
  })
  t.equal(readFileSync(file, 'utf8'), '', 'an older report does not pass for this one')
  for (const event of eventsOf([result(PASS)])) report.event(event)
  report.close()
  t.match(out.text, '1 pass', 'pretty, when nothing else is there')
  t.equal(err.text, '')
  t.same(readJunit(readFileSync(file, 'utf8')), [{ name: 'a claim', verdict: '' }])
  t.equal(readTap(readFileSync(join(folder, 'a=b.tap'), 'utf8')).length, 1)
  const full = reportFor([{ format: 'junit', file: '/dev/full' }], { out, err, verbose: false })
  for (const event of eventsOf([result(PASS)])) full.event(event)
  t.throws(() => full.close(), { message: /report \/dev\/full cannot be written: ENOSPC/ })
  t.throws(() => reportFor([{ format: 'tap', file: '/nowhere/x' }], { out, err, verbose: false }), {
    message: /nowhere/,
  })
})

t.test('words for formats', async (t) => {
  for (const format of FORMATS) t.same(parseWish(format), { format })
  t.throws(() => parseWish('juint'), { message: /no format juint\. .*There are pretty, tap, ktap, junit, json/ })
  t.throws(() => parseWish('jsn'), { message: /Did you mean json\?/ })
  t.throws(() => parseWish('tap='), { message: /names no file/ })
  t.throws(() => checkedWishes([{ format: 'tap' }, { format: 'json' }]), { message: /Only one.*standard output/ })
  t.throws(
    () =>
      checkedWishes([
        { format: 'tap', file: 'x' },
        { format: 'json', file: 'x' },
      ]),
    { message: /to x/ },
  )
})
