import { basename, dirname } from 'node:path'
import t from 'tap'
import { UsageError } from '../../harness/base/errors.ts'
import { parseRelease } from '../../harness/base/release.ts'
import { dram, GiB, machine, numa, refuses, scenario, shows } from '../../harness/index.ts'
import { ERAS } from '../../harness/model/eras.ts'
import { loadScenarios } from '../../harness/run/load.ts'
import { RunHead } from '../../harness/run/record.ts'
import { tell } from '../../harness/run/story.ts'
import { appliesTo, isPin } from '../../harness/scenario.ts'
import { faces } from '../../harness/steps/step.ts'
import { qemuArguments } from '../../harness/topology/qemu-arguments.ts'

const loaded = await loadScenarios([])

t.test('the pins of every scenario hold in the model, in every era for which the claim is made', async (t) => {
  for (const { scenario } of loaded)
    for (const era of ERAS.filter(({ release }) => appliesTo(scenario, release)))
      for (const chapter of tell(scenario, era))
        t.same(chapter.disagreements, [], `${era.name}: ${scenario.name}, after “${chapter.title}”`)
})

t.test('there are enough of them, in each place', async (t) => {
  const on = (text: string) =>
    loaded.filter(({ scenario }) => appliesTo(scenario, parseRelease(text) ?? [0, 0, 0])).length
  t.ok(on('6.1.192') >= 14, `${on('6.1.192')} on 6.1`)
  t.ok(on('6.12.118') >= 12, `${on('6.12.118')} on 6.12`)
  for (const folder of ['boot', 'kmem', 'lifecycle', 'errors', 'demotion'])
    t.ok(
      loaded.some(({ file }) => dirname(file).endsWith(`scenarios/${folder}`)),
      folder,
    )
})

t.test('a scenario is one claim in one file: its name is the file’s', async (t) => {
  for (const { scenario, file } of loaded) {
    const slug = scenario.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
    t.equal(basename(file, '.ts'), slug)
    t.match(scenario.why, /\.$/, `${scenario.name} says why, in a sentence`)
    t.ok(scenario.steps.some(isPin), `${scenario.name} has a pin`)
  }
})

t.test('a scenario is plain data: it survives JSON, and its steps can be revived', async (t) => {
  for (const { scenario } of loaded) {
    const revived = RunHead.shape.scenario.parse(JSON.parse(JSON.stringify(scenario)))
    t.same(revived, JSON.parse(JSON.stringify(scenario)), scenario.name)
    for (const item of revived.steps) if (!isPin(item)) t.not(faces(item).title(), '')
    t.same(qemuArguments(revived.machine), qemuArguments(scenario.machine))
  }
})

t.test('a pin, or a refusal, that the model does not share is found without QEMU', async (t) => {
  const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' })] })
  const of = (...steps: Parameters<typeof scenario>[1]['steps']) => {
    const era = ERAS[0]
    if (!era) throw new Error('no era')
    const claim = scenario('x', { why: 'x', kernels: '>=6.1', machine: box, steps: [...steps, shows({})] })
    return tell(claim, era).flatMap(({ disagreements }) => disagreements)
  }
  t.match(of(shows({ tiers: { memory_tier8: '0' } })), [/pinned “memory_tier8: 0”, the model says “memory_tier4: 0”/])
  t.match(of(shows({ demotion: { 0: '1' } })), [/demotion of node 0/])
  t.match(of(shows({ hasMemory: '0-1' })), [/has_memory/])
  t.match(of(shows({ online: '1' })), [/online/])
  t.match(of(refuses(numa.demotion(true), { says: 'no' })), [
    /refused, says the scenario; the model says that it works/,
  ])
  t.same(of(shows({ tiers: { memory_tier8: '0' } }, { kernels: '>=6.7' })), [], 'a pin for other kernels is silent')
  t.throws(
    () => scenario('x', { why: 'x', kernels: '>=6.1', machine: box, steps: [] }),
    UsageError,
    'a scenario without a pin',
  )
  t.throws(() => scenario('x', { why: 'x', kernels: 'all', machine: box, steps: [shows({})] }), UsageError)
})

t.test('files that hold no scenario', async (t) => {
  await t.rejects(loadScenarios(['/nonexistent']), UsageError)
  await t.rejects(loadScenarios([import.meta.filename.replace('scenarios.test.ts', '../simulated-guest.ts')]), {
    message: /exports no scenario/,
  })
})
