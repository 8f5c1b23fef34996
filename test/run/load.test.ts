import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadScenarios, SCENARIOS } from '../../harness/run/load.ts'

const [KEPT = ''] = readdirSync(join(SCENARIOS, 'corpus/6.1'))
const SCENARIO = readFileSync(join(SCENARIOS, 'corpus/6.1', KEPT), 'utf8')

t.test('a folder stands for its scenarios, and for no other file', async (t) => {
  const folder = t.testdir({
    below: { 'kept.scenario.json': SCENARIO },
    'tsconfig.json': '{}',
    'notes.md': '',
  })
  t.match(await loadScenarios([folder]), [{ scenario: { name: /^corpus 6\.1 / } }])
})

t.test('a file that is named is one, or is said not to be', async (t) => {
  const folder = t.testdir({ 'one.json': SCENARIO, 'other.json': '{}', 'no.json': '{', 'empty.ts': '' })
  t.match(await loadScenarios([join(folder, 'one.json')]), [{ scenario: { name: /^corpus 6\.1 / } }])
  await t.rejects(loadScenarios([join(folder, 'other.json')]), {
    message: /other\.json cannot be loaded: it is no scenario:\n.*expected string.*\n.*at name/,
  })
  await t.rejects(loadScenarios([join(folder, 'no.json')]), { message: /no\.json cannot be loaded: .*JSON/ })
  await t.rejects(loadScenarios([join(folder, 'empty.ts')]), { message: /empty\.ts exports no scenario/ })
  await t.rejects(loadScenarios([join(folder, 'absent')]), { message: /There is no scenario file or folder/ })
})
