import t from 'tap'
import { demotionLogDifferences } from '../../harness/compare/demotion-log.ts'
import { expect } from '../../harness/compare/expect.ts'
import { differences } from '../../harness/compare/expectation.ts'
import { healthOf } from '../../harness/compare/health.ts'
import { namesIn } from '../../harness/compare/names.ts'
import { daxctl, dram, GiB, machine, memoryless, ndctl, pmem } from '../../harness/index.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import { atRest, type World } from '../../harness/model/world.ts'
import { parseFiles } from '../../harness/observe/observation.ts'
import { faces, type Step } from '../../harness/steps/step.ts'
import { bootWorld } from '../../harness/topology/world.ts'
import { asGrepOutput, simulatedGuest } from '../simulated-guest.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), memoryless({ cpus: '1' }), pmem(1 * GiB), pmem(1 * GiB)],
})
const [, , near, far] = box.nodes

function after(era: string, ...steps: Step[]): World {
  let world = bootWorld(box.spec, eraNamed(era))
  for (const step of steps) world = faces(step).model(atRest(world)).world
  return world
}

const busy = after(
  '6.12',
  ndctl.createNamespace(near, { mode: 'devdax' }),
  ndctl.createNamespace(far, { mode: 'devdax' }),
  daxctl.reconfigureDevice(far, { mode: 'system-ram', noOnline: true }),
  daxctl.reconfigureDevice(near, { mode: 'system-ram' }),
)

function judge(world: World, files: ReadonlyMap<string, string>) {
  const observed = parseFiles(asGrepOutput(files))
  return differences(expect(world, namesIn(world, { files: observed, messages: [] })), observed)
}

t.test('a guest that shows what the model says has no difference, whatever its regions are called', async (t) => {
  for (const era of ['6.1', '6.12']) t.same(judge(after(era), simulatedGuest(after(era))), [], `${era} at boot`)
  t.same(judge(busy, simulatedGuest(busy)), [])
  t.same(judge(busy, simulatedGuest(busy, [1, 0])), [], 'regions numbered the other way round')
})

t.test('a lie in one place is found, and its place is named', async (t) => {
  const lies: [path: string, text: string][] = [
    ['/sys/devices/virtual/memory_tiering/memory_tier22/nodelist', '2-3'],
    ['/sys/devices/virtual/memory_tiering/memory_tier4/nodelist', ''],
    ['/sys/devices/system/node/possible', '0-2'],
    ['/sys/devices/system/node/online', '0,2-3'],
    ['/sys/devices/system/node/has_memory', '0'],
    ['/sys/devices/system/node/has_normal_memory', '0,2'],
    ['/sys/devices/system/node/has_cpu', '0'],
    ['/sys/devices/system/node/node2/distance', '20 20 10'],
    ['/sys/devices/system/node/node2/memory34/state', 'offline'],
    ['/sys/devices/system/node/node2/memory34/valid_zones', 'Normal'],
    ['/sys/devices/system/node/node3/memory41/valid_zones', 'Movable Normal'],
    ['/sys/devices/system/node/node0/memory3/state', 'offline'],
    ['/sys/devices/system/memory/auto_online_blocks', 'online'],
    ['/sys/devices/system/memory/block_size_bytes', '10000000'],
    ['/sys/kernel/mm/numa/demotion_enabled', 'true'],
    ['/sys/module/kmem/refcnt', '1'],
    ['/sys/bus/dax/devices/dax0.0/size', '1071644672'],
    ['/sys/bus/dax/devices/dax0.0/target_node', '0'],
    ['/sys/bus/dax/devices/dax0.0/resource', '0x100200000'],
    ['/sys/bus/dax/devices/dax0.0/mapping0/end', '0x13fdfffff'],
    ['/sys/bus/dax/devices/dax0.0/mapping0/start', '0x100200000'],
    ['/sys/bus/nd/devices/namespace1.0/mode', 'raw'],
    ['/sys/bus/nd/devices/namespace1.0/size', '0'],
    ['/sys/bus/nd/devices/region1/target_node', '2'],
    ['/sys/bus/nd/devices/region1/size', '1071644672'],
  ]
  for (const [path, text] of lies) {
    const files = simulatedGuest(busy)
    const truth = files.get(path)
    t.not(truth, text, `${path} is not so already`)
    files.set(path, text)
    const found = judge(busy, files)
    t.same(
      found.map((difference) => [difference.path, difference.observed]),
      [[path, text]],
      path,
    )
    t.equal(found[0]?.expected, truth, 'the truth is named')
    t.not(found[0]?.rule, '', 'the rule is named')
  }
})

t.test('what is there and must not be, and what is not there and must be', async (t) => {
  const extra: [path: string, text: string, named?: string][] = [
    ['/sys/devices/virtual/memory_tiering/memory_tier8/nodelist', '2'],
    ['/sys/devices/system/node/node7/distance', '10'],
    ['/sys/devices/system/node/node0/memory34/state', 'online'],
    ['/sys/bus/dax/devices/dax5.0/size', '1'],
    ['/sys/bus/dax/devices/dax0.0/mapping1/start', '0x150000000'],
    ['/sys/bus/dax/devices/dax5.0/uevent', 'DRIVER=kmem', '/sys/bus/dax/devices/dax5.0/driver'],
  ]
  for (const [path, text, named] of extra) {
    const files = simulatedGuest(busy).set(path, text)
    t.same(
      judge(busy, files).map((difference) => [difference.path, difference.expected]),
      [[named ?? path, '(absent)']],
      path,
    )
  }
  for (const path of simulatedGuest(busy).keys()) {
    if (!path.endsWith('/state') && !path.endsWith('/nodelist')) continue
    const files = simulatedGuest(busy)
    files.delete(path)
    t.same(
      judge(busy, files).map((difference) => [difference.path, difference.observed]),
      [[path, '(absent)']],
      path,
    )
  }
  const unloaded = simulatedGuest(after('6.1')).set('/sys/module/kmem/initstate', 'live')
  t.match(judge(after('6.1'), unloaded), [{ path: '/sys/module/kmem/initstate', expected: '(absent)' }])
  const lost = simulatedGuest(busy)
  lost.delete('/sys/bus/nd/devices/region0/resource')
  t.ok(judge(busy, lost).some(({ path, observed }) => /region at 0x100000000/.test(path) && observed === '(absent)'))
})

t.test('a driver that is another, or none', async (t) => {
  const files = simulatedGuest(busy)
  files.delete('/sys/bus/dax/devices/dax0.0/uevent')
  t.match(judge(busy, files), [{ path: '/sys/bus/dax/devices/dax0.0/driver', expected: 'kmem', observed: '(absent)' }])
  files.set('/sys/bus/dax/devices/dax0.0/uevent', 'DRIVER=device_dax')
  t.match(judge(busy, files), [{ path: '/sys/bus/dax/devices/dax0.0/driver', observed: 'device_dax' }])
})

t.test('the demotion targets that a kernel logs', async (t) => {
  const said = [
    '[    4.1] Demotion targets for Node 0: preferred: 2, fallback: 2',
    '[    4.2] Demotion targets for Node 2: null',
  ]
  t.same(demotionLogDifferences(busy, ['[    4.0] Fallback order for Node 0: 0', ...said]), [])
  t.match(demotionLogDifferences(busy, said.slice(0, 1)), [
    { path: 'kernel log, Demotion targets for Node 2', observed: '(no such line)' },
  ])
  t.match(demotionLogDifferences(busy, [...said, said[1] ?? '']), [{ expected: '(no further line)' }])
  t.match(demotionLogDifferences(busy, [said[0]?.replace('preferred: 2', 'preferred: 3') ?? '', said[1] ?? '']), [
    { expected: 'Demotion targets for Node 0: preferred: 2, fallback: 2' },
  ])
  t.same(
    demotionLogDifferences(after('6.1', ndctl.createNamespace(near, { mode: 'devdax' })), said),
    [],
    '6.1 logs nothing',
  )
})

t.test('health: what is a complaint, what is not, and the excerpt', async (t) => {
  const complaints: [string, string, string][] = [
    ['[  1.0] Kernel panic - not syncing: sysrq triggered crash', 'panic', 'panic'],
    ['[  1.0] BUG: kernel NULL pointer dereference, address: 0000000000000018', 'splat', 'oops'],
    ['[  1.0] Oops: general protection fault, probably for non-canonical address', 'splat', 'oops'],
    ['[  1.0] kernel BUG at lib/list_debug.c:53!', 'splat', 'oops'],
    ['[  1.0] WARNING: CPU: 0 PID: 1 at mm/memory-tiers.c:100 f+0x1/0x2', 'splat', 'WARN'],
    ['[  1.0] WARNING: mm/memory-tiers.c:100 at f+0x1/0x2, CPU#0: sh/1', 'splat', 'WARN'],
    ['[  1.0] WARNING: possible circular locking dependency detected', 'splat', 'lockdep'],
    ['[  1.0] BUG: KASAN: slab-use-after-free in f+0x1/0x2', 'splat', 'KASAN'],
    ['[  1.0] BUG: KFENCE: use-after-free read in f', 'splat', 'KFENCE'],
    ['[  1.0] rcu: INFO: rcu_preempt self-detected stall on CPU', 'splat', 'RCU stall'],
    ['[  1.0] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: {', 'splat', 'RCU stall'],
    ['[  1.0] INFO: task sh:1 blocked for more than 120 seconds.', 'splat', 'hung task'],
    ['[  1.0] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [sh:1]', 'splat', 'lockup'],
    ['[  1.0] watchdog: Watchdog detected hard LOCKUP on cpu 0', 'splat', 'lockup'],
    ['[  1.0] list_del corruption. prev->next should be f', 'splat', 'corruption'],
    ['[  1.0] refcount_t: underflow; use-after-free.', 'splat', 'corruption'],
    ['[  1.0] BUG kmalloc-64 (Not tainted): Poison overwritten', 'splat', 'oops'],
    ['[  1.0][    T1] kmemleak: 1 new suspected memory leaks', 'splat', 'kmemleak'],
  ]
  for (const [line, complaint, name] of complaints)
    t.match(healthOf(['[ 0.1] before', line], null), { complaint, name }, line)
  for (const line of [
    '[  1.0] kmem dax0.0: mapping0: 0x108000000-0x13fffffff cannot be hotremoved until the next reboot',
    '[  1.0] removing memory fails, because memory [0x0000000108000000-0x000000010fffffff] is onlined',
    '[  1.0] acpi/hmat: failed to reserve 0x100000000 - 0x13fffffff in pxm: 3',
    '[  1.0] Injecting error (-16) to MEM_GOING_ONLINE',
    '[  1.0] page dumped because: migration failure',
    '[  1.0] Demotion targets for Node 0: null',
  ])
    t.equal(healthOf([line], { before: '0', after: '0' }), null, line)

  const splat = [
    '[ 1.0] ------------[ cut here ]------------',
    '[ 1.0] WARNING: CPU: 0 PID: 1 at f',
    '[ 1.0] Call Trace:',
    '[ 1.0] ---[ end trace 0 ]---',
    '[ 1.1] after',
  ]
  t.equal(healthOf(splat, null)?.excerpt.length, 4, 'from the scissors to the end of the trace')
  t.match(
    healthOf([...splat, '[ 1.2] Kernel panic - not syncing: x'], null),
    { complaint: 'panic' },
    'a panic is worse',
  )
  t.match(healthOf([], { before: '0', after: '512' }), { name: 'taint', excerpt: [/W: kernel issued a warning/] })
  t.equal(healthOf([], { before: '512', after: '512' }), null, 'an old taint is not news')
  t.equal(healthOf([], { before: '0', after: '4096' }), null, 'an out-of-tree module is no complaint')
})
