import t from 'tap'
import { UsageError } from '../../harness/base/errors.ts'
import { whereWords } from '../../harness/cli/scenario-guest.ts'
import { daxctl, dram, GiB, machine, memory, ndctl, pmem, scenario, shows } from '../../harness/index.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import { tell } from '../../harness/run/story.ts'
import { upTo } from '../../harness/run/up-to.ts'
import { isPin } from '../../harness/scenario.ts'

const box = machine({ nodes: [dram(GiB, { cpus: '0' }), pmem(GiB), pmem(GiB)] })
const [, near, far] = box.nodes
const whole = scenario('x', {
  ...{ why: 'x', kernels: '>=6.1', machine: box },
  steps: [
    shows({ tiers: { memory_tier4: '0' } }),
    ndctl.createNamespace(near, { mode: 'devdax' }),
    shows({ hasMemory: '0' }),
    daxctl.reconfigureDevice(near, { mode: 'system-ram' }),
    ndctl.createNamespace(far, { mode: 'devdax' }),
    memory.autoOnline('online'),
  ],
})
const era = eraNamed('6.1')
const upToStep = (named: string) => upTo(whole, era, named).steps

t.test('as far as a step, with the pins behind it', async (t) => {
  t.same(upToStep('0'), whole.steps.slice(0, 1), 'the boot')
  t.same(upToStep('1'), whole.steps.slice(0, 3))
  t.same(upToStep('2'), whole.steps.slice(0, 4))
  t.same(upToStep('4'), whole.steps, 'the last')
  t.equal(upToStep('4').filter((item) => !isPin(item)).length, 4)
})

t.test('by its title, or a part of it', async (t) => {
  const [, , title = ''] = tell(whole, era).map((chapter) => chapter.title)
  t.same(upToStep(title), upToStep('2'))
  t.same(upToStep(' BOOT '), upToStep('0'))
  t.same(upToStep('auto_online'), upToStep('4'))
  t.same(upToStep('NVDIMM 2.0'), upToStep('3'))
})

t.test('what names no step, or several, is the user’s error, and the steps are listed', async (t) => {
  for (const named of ['5', '-1', '1.5', 'nonsense', '', ' '])
    t.throws(() => upToStep(named), { constructor: UsageError, message: /^There is no step .*0 boot; 1 ndctl .*; 4 / })
  t.throws(() => upToStep('create-namespace'), { constructor: UsageError, message: /^2 steps are like .*0 boot; 1 / })
})

t.test('where one is, and what comes next', async (t) => {
  const chapters = tell(whole, era)
  t.match(
    whereWords(chapters, 0),
    /^The guest is after step 0 of 4, boot\. Next would be: ndctl create-namespace .*\.$/,
  )
  t.match(whereWords(chapters, 4), /^The guest is after step 4 of 4, echo online > auto_online_blocks\.$/)
})
