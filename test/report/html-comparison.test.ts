import t from 'tap'
import { compare, type Now } from '../../harness/report/html/comparison.ts'
import { Gathering } from '../../harness/report/html/gather.ts'
import { page } from '../../harness/report/html/page.ts'
import { comparisonSection } from '../../harness/report/html/view/comparison.ts'
import type { Change } from '../../harness/report/html/view/data.ts'
import type { RunResult } from '../../harness/run/events.ts'
import type { VerdictName } from '../../harness/run/verdict.ts'
import { recorded, sourceOf, taking } from './html-data.ts'
import { PASS, result } from './results.ts'

/** Runs of one cell, one for each verdict, that took so long. */
function runs(verdicts: readonly VerdictName[], times: readonly number[] = []): RunResult[] {
  return verdicts.map((verdict, index) => taking(times[index] ?? 2000, result({ ...PASS, verdict })))
}

function now(results: readonly RunResult[]): Now[] {
  return [{ key: 'k/s', results }]
}

function changeOf(then: readonly RunResult[], results: readonly RunResult[]): Change | null {
  return compare(now(results), { words: 'old', results: then }).comparison.entries[0]?.change ?? null
}

t.test('what became of a cell', async (t) => {
  const cases: [then: VerdictName[], now: VerdictName[], change: Change | null][] = [
    [['pass'], ['pass'], null],
    [['pass'], ['fail'], 'new failure'],
    [['known'], ['splat'], 'new failure'],
    [['fail'], ['crash'], 'still failing'],
    [['fail'], ['pass'], 'fixed'],
    [['fail'], ['known'], 'fixed'],
    [['pass'], ['broken'], 'could not tell'],
    [['broken'], ['broken', 'broken'], 'could not tell'],
    [['broken'], ['fail'], 'new failure'],
    [['broken'], ['pass'], null],
    [[], ['pass'], 'added'],
    [[], ['fail'], 'new failure'],
    [['skip'], ['pass'], 'added'],
    [['pass'], ['skip'], null],
    [['pass'], ['pass', 'fail'], 'flaky'],
    [[], ['pass', 'fail'], 'flaky'],
    [['fail', 'pass'], ['pass'], 'flaky'],
    [['fail', 'pass'], ['pass', 'pass'], 'fixed'],
    [['fail', 'pass'], ['fail'], 'new failure'],
    [['fail', 'fail'], ['pass'], 'fixed'],
  ]
  for (const [then, made, change] of cases)
    t.equal(changeOf(runs(then), runs(made)), change, `${then.join(', ') || 'not run'} → ${made.join(', ')}`)
})

t.test('slower: by much, by more than the spread, and of runs that began alike', async (t) => {
  const passes = (...times: number[]) =>
    runs(
      times.map(() => 'pass'),
      times,
    )
  t.equal(changeOf(passes(2000), passes(9000)), 'slower')
  t.equal(changeOf(passes(2000), passes(3900)), null, 'less than two seconds more')
  t.equal(changeOf(passes(10_000), passes(13_000)), null, 'less than half as long again')
  t.equal(changeOf(passes(2000, 2000, 8000), passes(6000, 6000, 6000)), 'slower')
  t.equal(changeOf(passes(2000, 2000, 2000), passes(1900, 6000, 7000)), null, 'the quickest is as quick as then')
  t.equal(changeOf(passes(9000), passes(2000)), null)
  const restored = passes(500).map((one): RunResult => ({ ...one, start: 'restore' }))
  t.equal(changeOf(restored, passes(9000)), null, 'then restored, now booted')
  const kvm = passes(500).map((one): RunResult => ({ ...one, accel: { name: 'kvm', reason: '' } }))
  t.equal(changeOf(kvm, passes(9000)), null, 'another accelerator')
  const { comparison } = compare(now(passes(9000)), { words: 'old', results: passes(2000) })
  t.equal(comparison.entries[0]?.words, '2.0 s → 9.0 s')
})

t.test('a cell is known again when its kernel was updated', async (t) => {
  const on = (kernel: string, verdict: VerdictName) => result({ ...PASS, verdict }, { kernel })
  const then = [on('debian:6.1.99-1', 'fail'), on('debian:6.1.191-1', 'pass')]
  const compared = compare(now([on('debian:6.1.192-2', 'fail')]), { words: 'old', results: then })
  t.match(compared.comparison.entries, [{ change: 'new failure', words: 'pass → fail' }])
  t.equal(compared.earlier.get('k/s'), 'pass', 'the newest of then, by numbers')
  t.same(compared.comparison.gone, ['a claim on debian:6.1.99-1'])
  const same = compare(now([on('debian:6.1.99-1', 'fail')]), { words: 'old', results: then })
  t.match(same.comparison.entries, [{ change: 'still failing' }], 'the very same kernel comes first')
})

t.test('the page has what became of each cell, and where it was', async (t) => {
  const gathering = new Gathering()
  gathering.add(sourceOf(await recorded('must-fail')))
  gathering.add(sourceOf(await recorded('pass-6.1')))
  const pass = sourceOf(await recorded('pass-6.1')).result
  const then = [
    { ...sourceOf(await recorded('must-fail')).result, verdict: PASS },
    { ...pass, cell: { ...pass.cell, scenario: { ...pass.cell.scenario, name: 'a <b>claim</b> of old' } } },
  ]
  const text = page(gathering.finish([], { words: 'runs/<old>', results: then }), { script: '', style: '' })
  t.match(text, 'Compared with runs/&lt;old&gt;')
  t.match(text, '<details open><summary>New failures <span class="count">1</span>')
  t.match(text, 'must fail</a> on debian:6.1.192-2: <span class="words">pass → fail')
  t.match(text, '<span class="mark">new failure</span>')
  t.match(text, 'a &lt;b&gt;claim&lt;/b&gt; of old on debian:6.1.192-2')
  t.match(comparisonSection({ with: 'x', entries: [], gone: [] }).markup, 'Nothing has changed.')
})
