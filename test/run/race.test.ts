import t from 'tap'
import {
  atOnce,
  cycle,
  dax,
  daxctl,
  dram,
  GiB,
  MiB,
  machine,
  memory,
  ndctl,
  pmem,
  qemu,
  scenario,
  shows,
  withDimms,
} from '../../harness/index.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import { isUndecided } from '../../harness/model/outcome.ts'
import { tell } from '../../harness/run/story.ts'
import { faces, type Step } from '../../harness/steps/step.ts'

const ERA = eraNamed('6.12')
const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0-1' }), pmem(512 * MiB), withDimms(pmem(512 * MiB), 128 * MiB)],
})
const [, one, other] = box.nodes

function told(...steps: Step[]) {
  const all = [
    ndctl.createNamespace(one, { mode: 'devdax' }),
    ndctl.createNamespace(other, { mode: 'devdax' }),
    daxctl.reconfigureDevice(one, { mode: 'system-ram', noOnline: true }),
    ...steps,
  ]
  return tell(scenario('some', { why: 'x', kernels: '>=6.1', machine: box, steps: [...all, shows({})] }), ERA)
}

t.test('a race: either order is right, and each answers for itself', async (t) => {
  const apart = told(atOnce(daxctl.onlineMemory(one), memory.autoOnline('online'))).at(-1)
  t.equal(apart?.outcome.orders?.length, 2)
  t.notOk(apart && isUndecided(apart.outcome), 'what has nothing to do with each other')
  t.same(apart?.disagreements, [])
  // The second of two writes to one block is refused, whichever that is.
  const same = told(atOnce(memory.online(one, 0), memory.online(one, 0))).at(-1)
  t.same(
    same?.outcome.orders?.map(({ status }) => status),
    [2, 1],
  )
  t.notOk(same && isUndecided(same.outcome))
  const policies = atOnce(memory.autoOnline('online'), memory.autoOnline('offline'))
  t.ok(isUndecided(told(policies).at(-1)?.outcome ?? { world: {} as never, status: 0, words: '' }))
  t.throws(() => told(policies, memory.autoOnline('online')), /no step can follow/)
})

t.test('a race is of two things in the guest', async (t) => {
  t.throws(() => atOnce(qemu.deviceAdd(other), memory.autoOnline('online')), /not done in the guest/)
  t.throws(() => atOnce(atOnce(memory.autoOnline('online'), memory.autoOnline('online')), memory.autoOnline('online')))
})

t.test('a cycle ends where it began', async (t) => {
  const rounds = [memory.online(one, 0), memory.offline(one, 0)]
  const last = told(cycle(rounds, { times: 10 })).at(-1)
  t.equal(last?.outcome.status, 0)
  t.equal(last?.outcome.world.rebuilds.length, 24, 'each round is logged, and the first two')
  t.throws(() => told(cycle([memory.online(one, 0)], { times: 10 })), /end where it began/)
  t.throws(() => told(cycle([memory.offline(one, 0), memory.online(one, 0)], { times: 10 })), /is refused in a cycle/)
  const step = cycle([dax.unbind(one, 'kmem'), dax.bind(one, 'kmem')], { times: 1000 })
  t.ok((step.limit_ms ?? 0) > 1_000_000, 'a thousand rounds have time')
  t.match(faces(step).title(), /^1000 times: /)
})
