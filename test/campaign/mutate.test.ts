import t from 'tap'
import { SourceError } from '../../harness/base/errors.ts'
import { fateLine, fateSummary, fateTable } from '../../harness/campaign/mutant-words.ts'
import { type MutantFate, mutantSeries, mutate } from '../../harness/campaign/mutate.ts'
import { withSection } from '../../harness/cli/sections.ts'
import { styleFor } from '../../harness/report/style.ts'
import type { Mutant } from '../../kernels/mutants.ts'
import { judge, kernel, loaded } from './fakes.ts'

const plain = styleFor({ write: () => true }, {})
const scenarios = ['a', 'b', 'c', 'flaky'].map(loaded)

function mutantOf(name: string, more: Partial<Mutant> = {}): Mutant {
  return {
    ...{ name, path: '', breaks: `breaks ${name}.`, noticed: '', files: [], kernels: ['6.1'], elsewhere: undefined },
    ...{ likely: ['kmem/b.ts'], config: undefined, equivalent: undefined, ...more },
  }
}

/** On `flaky` even the kernel without a mutant fails. */
const world = judge((on, { scenario: { name } }) => {
  if (name === 'flaky') return 'fail'
  if (on.name === 'dead') return 'broken'
  return on.name === `killed-by-${name}` ? 'fail' : 'pass'
})

const mutants = [
  mutantOf('killed-by-b'),
  mutantOf('killed-by-c'),
  mutantOf('survivor'),
  mutantOf('dead'),
  mutantOf('same'),
  mutantOf('no-build'),
  mutantOf('newer', { kernels: ['7'], elsewhere: 'there is no HMAT.' }),
  mutantOf('twin', { equivalent: { kernels: ['6.1'], proof: 'because.' } }),
]

async function fates(): Promise<MutantFate[]> {
  return mutate({
    ...{ mutants, scenarios, judging: world.judge, tell: () => {} },
    async kernel(mutant) {
      if (mutant?.name === 'no-build') throw new SourceError('It does not build.', 'build', ['x.c:1: error'])
      return mutant === undefined || mutant.name === 'same' ? kernel('base') : kernel(mutant.name)
    },
  })
}

t.test('what becomes of mutants', async (t) => {
  const found = await fates()
  t.same(
    found.map(({ fate }) => fate.kind),
    ['killed', 'killed', 'survived', 'killed', 'unchanged', 'unbuilt', 'elsewhere', 'equivalent'],
  )
  t.match(found[0]?.fate, { by: { cell: { file: 'scenarios/kmem/b.ts' } } })
  t.match(found[1]?.fate, { by: { cell: { file: 'scenarios/kmem/c.ts' } } })
  t.match(found[2]?.fate, { scenarios: 3 }, 'one that fails anyway is not counted')
  t.match(found[5]?.fate, { why: /does not build.*x\.c:1/ })
  t.equal(world.runs.filter((name) => name === 'base').length, 4, 'each scenario is tried once without a mutant')
  t.match(world.notes, [/“flaky” is left out/])
  t.equal(world.runs.filter((name) => name === 'killed-by-b').length, 1, 'nothing is run after the first that notices')
})

t.test('a kernel that does not boot without a mutant is no kernel to break', async (t) => {
  const { judge: judging } = judge(() => 'broken')
  await t.rejects(
    mutate({ mutants, scenarios, judging, tell: () => {}, kernel: async (mutant) => kernel(mutant?.name ?? 'base') }),
    {
      name: 'UsageError',
      message: /base does not boot without a mutant/,
    },
  )
})

t.test('how it is told', async (t) => {
  const found = await fates()
  const line = (at: number) => fateLine(found[at] as MutantFate, plain)
  t.match(line(0), /^killed .* killed-by-b .* b, step 1: /)
  t.match(line(2), /^survived .*3 scenarios saw no difference/)
  t.match(line(6), /^elsewhere .*there is no HMAT/)
  t.match(
    fateSummary(found, 1000),
    /^3 killed, 1 survived, 1 unchanged, 1 unbuilt, 1 equivalent, 1 elsewhere in 1\.0 s; half/,
  )
  t.equal(fateSummary([], 0), 'nothing done in 0.0 s')
  const table = fateTable(found)
  t.match(table, /\| `killed-by-b` \| breaks killed-by-b\. \| \[b\]\(\.\.\/scenarios\/kmem\/b\.ts\)/)
  t.match(table, /\| `survivor` .*\*\*survived\*\*/)
  t.match(table, /tells these from the kernel:\n\n- `twin`: breaks twin\. because\./)
  t.match(table, /no such thing:\n\n- `newer`: there is no HMAT\./)
})

t.test('versions and the series of the catalogue', async (t) => {
  t.equal(mutantSeries([6, 1, 176]), '6.1')
  t.equal(mutantSeries([6, 11, 0]), '6.1')
  t.equal(mutantSeries([6, 19, 0]), '6.12')
  t.equal(mutantSeries([7, 3, 4]), '7')
})

t.test('a section of a file is replaced, and the others stay', async (t) => {
  const one = withSection('# Title\n\nwords\n', 'source:6.1', 'old')
  const two = withSection(one, 'source:7', 'seven')
  t.equal(withSection(two, 'source:6.1', 'new\n'), '# Title\n\nwords\n\n## source:6.1\n\nnew\n\n## source:7\n\nseven\n')
  t.equal(withSection('', 'a', 'b'), '## a\n\nb\n')
})
