import t from 'tap'
import { UsageError } from '../../harness/base/errors.ts'
import { MiB } from '../../harness/base/size.ts'
import { workloadDifferences } from '../../harness/compare/workload.ts'
import { cgroup, daxctl, dram, GiB, machine, ndctl, numa, pmem, workload } from '../../harness/index.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import type { Outcome } from '../../harness/model/outcome.ts'
import { atRest, type World } from '../../harness/model/world.ts'
import { faces, type Step } from '../../harness/steps/step.ts'
import { bootWorld } from '../../harness/topology/world.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB), pmem(1 * GiB)] })
const [fast, one, two] = box.nodes
const PAGES = MiB / 4096

function take(world: World, ...steps: Step[]): Outcome {
  let outcome: Outcome = { world, status: 0, words: '' }
  for (const step of steps) outcome = faces(step).model(atRest(outcome.world))
  return outcome
}

function ready(...nodes: (typeof one)[]): World {
  const steps = nodes.flatMap((node) => [
    ndctl.createNamespace(node, { mode: 'devdax' }),
    daxctl.reconfigureDevice(node, { mode: 'system-ram' }),
  ])
  return take(bootWorld(box.spec, eraNamed('6.12')), ...steps, numa.demotion(true), workload.fill(fast, 32 * MiB)).world
}

function pages({ world }: Outcome): [number, number, number][] {
  return [...(world.workload?.pages ?? [])].map(([node, { least, most }]) => [node, least / PAGES, most / PAGES])
}

t.test('reclaim demotes at least what was asked for, or all', async (t) => {
  t.same(pages(take(ready(one), cgroup.reclaim(12 * MiB))), [
    [0, 0, 20],
    [1, 12, 32],
  ])
  const all = take(ready(one), cgroup.reclaim(12 * MiB), cgroup.reclaim(64 * MiB))
  t.match(all, { status: 1, words: 'Resource temporarily unavailable' })
  t.same(pages(all), [
    [0, 0, 0],
    [1, 32, 32],
  ])
  const tie = take(ready(one, two), cgroup.reclaim(64 * MiB))
  t.same(
    pages(tie),
    [
      [0, 0, 0],
      [1, 0, 32],
      [2, 0, 32],
    ],
    'nodes at one distance share them in any way',
  )
})

t.test('what is not demoted', async (t) => {
  const off = take(ready(one), numa.demotion(false), cgroup.reclaim(1 * MiB))
  t.equal(off.status, 1)
  t.same(pages(off), [[0, 32, 32]])
  const gone = take(ready(one), daxctl.offlineMemory(one), cgroup.reclaim(1 * MiB))
  t.equal(gone.status, 1)
  t.same(pages(gone), [[0, 32, 32]])
})

t.test('pages leave a node whose memory goes offline', async (t) => {
  t.same(pages(take(ready(one), cgroup.reclaim(64 * MiB), daxctl.offlineMemory(one))), [
    [0, 32, 32],
    [1, 0, 0],
  ])
})

const near = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB), pmem(1 * GiB)],
  distances: [
    [10, 17, 28],
    [17, 10, 28],
    [28, 28, 10],
  ],
})

/** Where all of 32 MiB of node 0 may come to rest when the group may use these nodes. */
function restOf(era: string, ...mems: readonly number[]): [number, number, number][] {
  const steps = [one, two].flatMap((node) => [
    ndctl.createNamespace(node, { mode: 'devdax' }),
    daxctl.reconfigureDevice(node, { mode: 'system-ram' }),
  ])
  const world = bootWorld(near.spec, eraNamed(era))
  const allowed = cgroup.cpusetMems(...[fast, one, two].filter(({ node }) => mems.includes(node)))
  return pages(
    take(world, ...steps, numa.demotion(true), workload.fill(fast, 32 * MiB), allowed, cgroup.reclaim(64 * MiB)),
  )
}

t.test('what a group’s cpuset.mems means to demotion, by era', async (t) => {
  const preferred = [
    [0, 0, 0],
    [1, 32, 32],
  ]
  const stays = [[0, 32, 32]]
  for (const era of ['6.1', '6.12']) t.same(restOf(era, 0, 2), preferred, `${era} does not look at it`)
  for (const era of ['6.16', '6.17', '7.0']) {
    t.same(restOf(era, 0), stays, `${era}: no target is allowed`)
    t.same(restOf(era), preferred, `${era}: empty allows all`)
  }
  t.same(restOf('6.17', 0, 2), stays, '6.17 looks at preferred targets alone')
  t.same(
    restOf('7.0', 0, 2),
    [
      [0, 0, 0],
      [2, 32, 32],
    ],
    '7.0 takes the nearest node below that is allowed',
  )
  t.same(restOf('7.0', 0, 1, 2), preferred)
})

t.test('a target that is full sends what does not fit to the other node below', async (t) => {
  const tight = machine({
    nodes: [dram(1 * GiB, { cpus: '0' }), pmem(256 * MiB), pmem(1 * GiB)],
    distances: near.spec.distances,
  })
  const world = take(
    bootWorld(tight.spec, eraNamed('7.3')),
    ...tight.nodes
      .slice(1)
      .flatMap((node) => [
        ndctl.createNamespace(node as typeof one, { mode: 'devdax' }),
        daxctl.reconfigureDevice(node as typeof one, { mode: 'system-ram' }),
      ]),
    numa.demotion(true),
    workload.fill(fast, 240 * MiB),
  ).world
  t.same(pages(take(world, cgroup.reclaim(600 * MiB))), [
    [0, 0, 0],
    [1, 96, 128],
    [2, 112, 144],
  ])
  t.throws(
    () => take(world, cgroup.cpusetMems(fast, one), cgroup.reclaim(600 * MiB)),
    /do not fit on node 1/,
    'when the group may not use the other',
  )
})

t.test('mistakes in a scenario', async (t) => {
  t.throws(() => take(ready(one), workload.fill(fast, 1 * MiB)), UsageError, 'filled twice')
  t.throws(() => take(ready(one), workload.fill(one, 1 * GiB)), UsageError, 'too much')
  t.throws(() => take(ready(one), cgroup.cpusetMems(fast), workload.fill(one, 1 * MiB)), UsageError, 'too late')
  t.throws(() => take(bootWorld(box.spec, eraNamed('6.1')), cgroup.cpusetMems(fast)), UsageError, 'no group yet')
  t.throws(() => take(bootWorld(box.spec, eraNamed('6.1')), cgroup.reclaim(1 * MiB)), UsageError, 'nothing there')
  t.throws(
    () => take(ready(one), cgroup.reclaim(12 * MiB), cgroup.reclaim(16 * MiB)),
    /not certain here/,
    'an answer that depends on how much went before',
  )
})

const STAT = '/sys/fs/cgroup/tierlab/memory.numa_stat'

function seen(shmem: number[], demoted: number[]): Record<string, string> {
  const files: Record<string, string> = {
    [STAT]: `anon N0=0\nshmem ${shmem.map((mib, node) => `N${node}=${mib * MiB}`).join(' ')}`,
    '/proc/vmstat': `pgdemote_kswapd 0\npgdemote_direct ${demoted.reduce((a, b) => a + b) * PAGES}\npgpromote_success 7`,
  }
  demoted.forEach((mib, node) => {
    files[`/sys/devices/system/node/node${node}/vmstat`] = `pgdemote_direct ${mib * PAGES}`
  })
  return files
}

t.test('what a kernel shows of it', async (t) => {
  const before = seen([32, 0, 0], [0, 0, 0])
  const { world } = take(ready(one), cgroup.reclaim(12 * MiB))
  const paths = (files: Record<string, string>, of = world) =>
    workloadDifferences(of, files, before).map(({ path }) => path)
  t.same(paths(seen([20, 12, 0], [12, 0, 0])), [])
  t.same(paths(seen([0, 32, 0], [32, 0, 0])), [], 'more than was asked for')
  t.same(paths(seen([24, 8, 0], [8, 0, 0])), [`${STAT}, pages of node 0`, `${STAT}, pages of node 1`], 'less')
  t.same(paths(seen([16, 15.9, 0.1], [16, 0, 0])), [`${STAT}, pages of node 2`], 'one page elsewhere is too many')
  t.same(paths(seen([16, 12, 0], [16, 0, 0])), [`${STAT}, pages of all nodes`], 'lost')
  t.same(paths(seen([16, 16, 0], [0, 16, 0])).length, 2, 'counted on the wrong node')
  t.same(paths(seen([16, 16, 0], [8, 0, 0])).length, 2, 'counted too seldom')
  const shmem = (mebibytes: number[]) =>
    Object.fromEntries(
      mebibytes.map((mib, node) => [
        `/sys/devices/system/node/node${node}/meminfo`,
        `Node ${node} Shmem:          ${40_000 + mib * 1024} kB`,
      ]),
    )
  const nodes = (to: number[]) =>
    workloadDifferences(world, { ...seen([20, 12, 0], [12, 0, 0]), ...shmem(to) }, { ...before, ...shmem([32, 0, 0]) })
  t.same(nodes([20.5, 12, 0]), [], 'the guest has files of its own')
  t.same(
    nodes([20, 0, 12]).map(({ path }) => path.replace(/^.*node(\d).*$/, '$1')),
    ['1', '2'],
    'the nodes say otherwise',
  )
  const off = take(ready(one), numa.demotion(false), cgroup.reclaim(12 * MiB)).world
  t.same(paths(before, off), [])
  t.same(paths(seen([31, 1, 0], [1, 0, 0]), off).length, 4, 'demoted with demotion off')
  t.match(paths(before, take(ready(one), workload.free()).world), [STAT])
  t.match(workloadDifferences(world, {}, {}).length > 0, true, 'a group that is not there')
})
