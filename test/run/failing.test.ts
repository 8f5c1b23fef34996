import { join } from 'node:path'
import t from 'tap'
import {
  dax,
  dram,
  fault,
  GiB,
  kmemleak,
  MiB,
  machine,
  memory,
  modules,
  ndctl,
  pmem,
  scenario,
  shows,
} from '../../harness/index.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import type { World } from '../../harness/model/world.ts'
import { excusedBy } from '../../harness/run/excused.ts'
import { skipReason } from '../../harness/run/plan.ts'
import { RunFolder } from '../../harness/run/run-folder.ts'
import { tell } from '../../harness/run/story.ts'
import { judgeStep } from '../../harness/run/verdict.ts'
import { faces } from '../../harness/steps/step.ts'

const { head, steps } = await new RunFolder(join(import.meta.dirname, '../recorded/pass-6.12')).read()
const excused = excusedBy(head)
const NODELIST = '/sys/devices/virtual/memory_tiering/memory_tier22/nodelist'

/** The recorded step that brings memory of node 1 online, as if one of its allocations might fail. */
function judged(change: Partial<NonNullable<(typeof steps)[number]>>, more: object = {}) {
  const chapter = tell(head.scenario, eraNamed(head.era))[2]
  const [before, step] = [steps[1], steps[2]]
  if (chapter === undefined || step === undefined || before === undefined)
    throw new RangeError('the record has changed')
  const outcome = { ...chapter.outcome, failing: chapter.before, ...more }
  return judgeStep({ ...chapter, outcome }, { ...step, ...change }, before, excused)
}

t.test('a step that may fail has failed or has worked, and nothing between', async (t) => {
  const unchanged = { files: { ...steps[1]?.files }, messages: [] }
  t.equal(judged({}), null, 'it worked')
  t.equal(judged({ ...unchanged, status: 1, stderr: 'no memory' }), null, 'it failed, in whatever words')
  t.match(judged({ ...unchanged, status: 0 }), { verdict: 'fail' }, 'it said that it worked')
  t.match(judged({ status: 1 }), { verdict: 'fail' }, 'it said that it failed')
})

const absent = { files: { ...steps[2]?.files } }
delete absent.files[NODELIST]
const flaws = ['the tier of a node cannot be allocated', 'adding memory fails for want of memory'] as const

t.test('a known flaw is gone on behind, when it is nothing but that', async (t) => {
  t.match(judged(absent), { verdict: 'fail' })
  t.equal(judged(absent, { flaws }), null)
  const other = '/sys/devices/system/node/has_memory'
  t.match(
    judged({ files: { ...absent.files, [other]: '0' } }, { flaws }),
    { verdict: 'fail' },
    'and another difference',
  )
  const warning = ['[ 9.1] WARNING: CPU: 0 PID: 9 at x.c:9 add_pages+0x1/0x2']
  const failed = { files: { ...steps[1]?.files }, status: 1, messages: warning }
  t.match(judged(failed), { verdict: 'splat' })
  t.equal(judged(failed, { flaws }), null)
  t.match(judged({ ...failed, messages: ['[ 9.1] WARNING: CPU: 0 PID: 9 at x.c:9 other+0x1/0x2'] }, { flaws }), {
    verdict: 'splat',
  })
  t.match(judged({ ...failed, files: absent.files }, { flaws }), { verdict: 'splat' }, 'and a difference')
})

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(256 * MiB)] })
const [, slow] = box.nodes
const bind = dax.bind(slow, 'kmem')

t.test('the steps of a sweep', async (t) => {
  const sweep = scenario('sweep', {
    why: 'for a test',
    kernels: '>=6.1',
    needs: ['CONFIG_FAILSLAB'],
    machine: box,
    steps: [
      ndctl.createNamespace(slow, { mode: 'devdax' }),
      modules.load('kmem'),
      dax.unbind(slow, 'device_dax'),
      dax.newId(slow, 'kmem'),
      fault.failNth(memory.online(slow, 0), 3),
      fault.settle(memory.online(slow, 0), memory.offline(slow, 0)),
      kmemleak.scan(),
      shows({ tiers: { memory_tier4: '0' } }),
    ],
  })
  const [, , , , named, failed, settled] = tell(sweep, eraNamed('6.1'))
  t.same(named?.disagreements, [])
  const tiers = (world?: World) => world?.types.filter(({ nodes }) => nodes.length > 0).length
  t.equal(tiers(failed?.outcome.world), 2)
  t.equal(tiers(failed?.outcome.failing), 1)
  t.equal(tiers(settled?.outcome.world), 1, 'whatever happened, it is undone')
  const names = () => ({ region: 'region0', namespace: 'namespace0.0', dax: 'dax0.0' })
  const script = failed?.step && faces(failed.step).script({ world: failed.before, names } as never)
  t.match(script, /echo 3 > \/proc\/self\/fail-nth\necho online_movable > .*\n(.*\n)*exit \$status$/)
  t.throws(() => fault.failNth(modules.load('kmem'), 1), { name: 'UsageError', message: /not carried out by one task/ })
  t.throws(() => faces(fault.failNth(bind, 1)).model(tell(sweep, eraNamed('6.1'))[0]?.before as World), {
    name: 'UsageError',
    message: /even when no allocation fails/,
  })
})

t.test('a scenario that needs what a kernel was built without is not for it', async (t) => {
  const one = scenario('one', {
    ...{ why: 'for a test', kernels: '>=6.1', needs: ['CONFIG_FAILSLAB', 'CONFIG_KASAN'], machine: box },
    steps: [shows({ tiers: { memory_tier4: '0' } })],
  })
  const cell = (symbols: ReadonlySet<string> | undefined) =>
    skipReason({ scenario: one, kernel: { version: [6, 1, 0], symbols } } as never)
  t.equal(cell(new Set(['CONFIG_FAILSLAB', 'CONFIG_KASAN'])), null)
  t.match(cell(new Set(['CONFIG_FAILSLAB'])), /needs CONFIG_KASAN, which this kernel was built without/)
  t.match(cell(undefined), /is not known/)
  t.throws(() => scenario('two', { ...one, needs: ['KASAN'], machine: box, steps: one.steps }), {
    message: /no CONFIG_SYMBOL/,
  })
})
