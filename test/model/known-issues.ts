import t from 'tap'
import { inRange } from '../../harness/base/release.ts'
import { GiB } from '../../harness/base/size.ts'
import { type Era, eraNamed } from '../../harness/model/eras.ts'
import { loadKmem, probeKmem, removeKmem } from '../../harness/model/kmem.ts'
import { KNOWN_ISSUES, knownIssue } from '../../harness/model/known-issues.ts'
import { addBlocks, offlineBlock, onlineBlock } from '../../harness/model/memory-hotplug.ts'
import { createNamespace } from '../../harness/model/ndctl.ts'
import { tiersOf } from '../../harness/model/tiers.ts'
import { atRest, type Condition, deviceIn, evolve, type World } from '../../harness/model/world.ts'
import { machine } from '../../harness/topology/machine.ts'
import { dram, pmem } from '../../harness/topology/nodes.ts'
import { bootWorld } from '../../harness/topology/world.ts'

/** Far above every NVDIMM. */
const DIMM = 1000

/** Node 1 has an NVDIMM, with kmem or without, and a DIMM of one block, online or not. Each word is an event. */
const EVENTS = {
  bind: (draft: World) => void probeKmem(draft, deviceIn(draft, '1.0')),
  'kmem online': (draft: World) => void onlineBlock(draft, 33, 'online_movable'),
  'kmem offline': (draft: World) => void offlineBlock(draft, 33),
  unbind: (draft: World) => removeKmem(draft, deviceIn(draft, '1.0')),
  'dimm online': (draft: World) => void onlineBlock(draft, DIMM, 'online_movable'),
  'dimm offline': (draft: World) => void offlineBlock(draft, DIMM),
}

function after(era: Era, events: readonly (keyof typeof EVENTS)[]): World {
  const { spec } = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
  const start = evolve(createNamespace(bootWorld(spec, era), '1.0', 'mem').world, (draft) => {
    deviceIn(draft, '1.0').driver = null
    loadKmem(draft)
    addBlocks(draft, 1, [DIMM], 'dimm')
  })
  return events.reduce((world, event) => evolve(atRest(world), EVENTS[event]), start)
}

t.test('where the model comes by the condition of a known issue', async (t) => {
  const forgotten: Condition[] = ['a node without a type loses its last memory']
  const foreign: Condition[] = ['a node of another type than its tier loses its last memory']
  const alone = [
    ['bind', 'kmem online', 'kmem offline', 'unbind'],
    ['dimm online', 'dimm offline'],
  ] as const
  for (const era of ['6.1', '6.5', '6.7', '6.12']) {
    for (const events of alone) t.same(after(eraNamed(era), events).conditions, [], `${era}: ${events.join(', ')}`)
    const since67 = inRange(eraNamed(era).release, '>=6.7')
    const first = ['bind', 'kmem online', 'dimm online', 'kmem offline', 'unbind', 'dimm offline'] as const
    t.same(after(eraNamed(era), first).conditions, forgotten, `${era}: kmem first, DIMM second`)
    const second = ['dimm online', 'bind', 'unbind', 'dimm offline'] as const
    t.same(after(eraNamed(era), second).conditions, since67 ? forgotten : [], `${era}: DIMM first, kmem second`)
    const again = ['dimm online', 'bind', 'unbind', 'bind', 'dimm offline'] as const
    t.same(after(eraNamed(era), again).conditions, since67 ? foreign : [], `${era}: kmem bound once more`)
    for (const events of [first, second, again])
      t.same([...tiersOf(after(eraNamed(era), events))], [[4, [0]]], `${era}: and right is that no tier has the node`)
  }
})

t.test('a known issue is excused on the kernels that it names, until it expires', async (t) => {
  const [issue] = KNOWN_ISSUES
  const conditions = issue === undefined ? [] : [issue.condition]
  t.equal(knownIssue(conditions, [6, 1, 192], '2026-01-01'), issue)
  t.equal(knownIssue(conditions, [6, 0, 19], '2026-01-01'), undefined, 'an older kernel')
  t.equal(knownIssue([], [6, 1, 192], '2026-01-01'), undefined, 'nothing that it is about')
  t.equal(knownIssue(conditions, [6, 1, 192], issue?.expires ?? ''), issue, 'its last day')
  t.equal(knownIssue(conditions, [6, 1, 192], '2999-01-01'), undefined, 'it expired')
})

t.test('known issues are whole', async (t) => {
  t.equal(new Set(KNOWN_ISSUES.map(({ id }) => id)).size, KNOWN_ISSUES.length)
  for (const { id, kernels, seen, reason, reference, expires } of KNOWN_ISSUES) {
    t.match(expires, /^\d{4}-\d\d-\d\d$/, id)
    t.ok(seen.every(({ words }) => words.length > 0) && reason.endsWith('.') && reference.length > 0, id)
    t.doesNotThrow(() => inRange([6, 1, 0], kernels), id)
  }
})
