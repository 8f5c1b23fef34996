import { join } from 'node:path'
import t from 'tap'
import { parseRelease } from '../../harness/base/release.ts'
import { loadScenarios } from '../../harness/run/load.ts'
import { appliesTo } from '../../harness/scenario.ts'
import { summaryOf, tableIn } from '../../scripts/scenario-table.ts'

const root = join(import.meta.dirname, '../..')

t.test('the table of docs/verdicts.md has every scenario, with a verdict exactly where it makes a claim', async (t) => {
  const { table } = await tableIn(join(root, 'docs/verdicts.md'))
  const rows = table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    )
  const [head = [], , ...body] = rows
  const kernels = head.slice(2).map((name) => parseRelease(name))
  t.equal(kernels.length, 3)
  const scenarios = await loadScenarios([join(root, 'scenarios')])
  const wanted = scenarios.map(({ scenario }) => [
    scenario.name,
    ...kernels.map((kernel) => kernel !== undefined && scenario.needs === undefined && appliesTo(scenario, kernel)),
  ])
  const found = body.map(([, name, ...verdicts]) => [name, ...verdicts.map((verdict) => verdict !== '–')])
  t.same(found, wanted, 'npm run table writes it anew')
  const verdicts = body.flatMap(([, , ...cells]) => cells)
  t.same(
    [...new Set(verdicts)].filter((verdict) => !['pass', 'known', '–'].includes(verdict)),
    [],
    'all as expected',
  )
})

t.test('the table of README.md counts them', async (t) => {
  const [{ table }, counts] = [await tableIn(join(root, 'docs/verdicts.md')), await tableIn(join(root, 'README.md'))]
  t.equal(counts.table.trim(), summaryOf(table))
})
