import t from 'tap'
import { commandsOfDocs } from '../docs/commands.ts'
import { howTested, shortened, statusOf } from '../docs/how.ts'
import { readersFolder, theLastRunFailed, type } from '../docs/reader.ts'

/** What makes a night short: one scenario, and one shard at a time. */
const NIGHT = { SCENARIOS: 'scenarios/boot/memory-at-boot-is-in-the-dram-tier.ts', JOBS: '1' }

t.test('each command line of the docs that needs a guest', async (t) => {
  const folder = readersFolder(t.testdir({}))
  // A first scenario of the reader’s own, as README.md makes it before it is run.
  t.equal((await type(folder, 'npx tierlab init my-tests')).status, 0)
  const typed = new Set<string>()
  for (const { page, line } of commandsOfDocs()) {
    if (howTested(line).run !== 'guest' || typed.has(line)) continue
    typed.add(line)
    if (line.includes('runs/latest')) theLastRunFailed(folder)
    const began = Date.now()
    const said = await type(folder, shortened(line), NIGHT)
    t.comment(`${((Date.now() - began) / 1000).toFixed(1)} s  ${line}`)
    if (!t.equal(said.status, statusOf(line), `${page}: ${line}`)) t.comment(said.stdout + said.stderr)
    if (line.endsWith('echo $?')) t.match(said.stdout, /\n1\n$/, 'it is reproduced')
  }
  t.ok(typed.size > 10)
})
