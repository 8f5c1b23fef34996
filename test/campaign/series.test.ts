import t from 'tap'
import { SourceError } from '../../harness/base/errors.ts'
import { changesIn, judgeSeries, type PatchOutcome } from '../../harness/campaign/series.ts'
import { outcomeLines, seriesLines } from '../../harness/campaign/series-words.ts'
import { styleFor } from '../../harness/report/style.ts'
import { judge, kernel, lineOf, loaded } from './fakes.ts'

const plain = styleFor({ write: () => true }, {})
const scenarios = ['a', 'b'].map(loaded)

async function judged(kernelOf: (at: number) => ReturnType<typeof kernel>, count = 6) {
  const told: PatchOutcome[] = []
  const world = judge((on, { scenario }) => (scenario.name === 'b' && on.name >= 'k3' ? 'fail' : 'pass'))
  const line = lineOf(count, kernelOf)
  const outcomes = await judgeSeries({ line, scenarios, judging: world.judge, tell: (outcome) => told.push(outcome) })
  t.same(told, outcomes)
  return { outcomes, runs: world.runs, count }
}

t.test('the first patch where a verdict changes', async (t) => {
  const { outcomes, runs } = await judged((at) => {
    if (at === 2) throw new SourceError('k2 does not build.', 'build', ['x.c: error'])
    return kernel(`k${at}`, at === 4 ? 'k3' : `k${at}`)
  })
  t.match(changesIn(outcomes), [{ scenario: 'b', from: 'pass', to: { verdict: { verdict: 'fail' } }, at: { id: '3' } }])
  t.equal(outcomes[4]?.as?.id, '3', 'an equal kernel is not run again')
  t.notOk(runs.includes('k4'))
  t.match(
    outcomeLines(outcomes[2] as PatchOutcome, plain).join('\n'),
    /^no build .*k2\n.*does not build\.\n +x\.c: error/,
  )
  const text = seriesLines(outcomes, 6, plain, 100).join('\n')
  t.match(text, /^b {2,}. \. \? F F F$/m, 'a row of verdicts, one for each patch')
  t.match(text, /^b: pass → fail with 3 k3$/m)
  t.match(text, /1 scenarios are the same from the base on \(1 pass\)/)
})

t.test('behind a patch that does not apply nothing is guessed', async (t) => {
  const { outcomes, runs } = await judged((at) => {
    if (at === 2) throw new SourceError('It does not apply:', 'patch', ['hunk 1 of 1'])
    return kernel(`k${at}`)
  })
  t.equal(outcomes.length, 3)
  t.same([...new Set(runs)], ['k0', 'k1'])
  t.match(seriesLines(outcomes, 6, plain, 100).join('\n'), /3 patches behind that were not judged/)
})
