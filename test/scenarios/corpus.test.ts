import { basename, dirname, join } from 'node:path'
import t from 'tap'
import { eraNamed } from '../../harness/model/eras.ts'
import { loadScenarios, SCENARIOS } from '../../harness/run/load.ts'
import { tell } from '../../harness/run/story.ts'
import { pinVerdict } from '../../harness/run/verdict.ts'

t.test('what exploration has kept is what the model says', async (t) => {
  const kept = (await loadScenarios([join(SCENARIOS, 'corpus')])).filter(({ file }) => file.endsWith('.json'))
  t.ok(kept.length > 20, `${kept.length} of them`)
  for (const { scenario, file } of kept) {
    const chapters = tell(scenario, eraNamed(basename(dirname(file))))
    t.equal(pinVerdict(chapters), null, file)
    t.match(scenario.why, /^It meets: ./, file)
  }
})

t.test('who names no file does not run it', async (t) => {
  const all = await loadScenarios([])
  t.notOk(all.some(({ file }) => file.includes('corpus')))
  t.ok(all.length > 100)
})
