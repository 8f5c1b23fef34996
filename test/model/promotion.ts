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

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), dram(1 * GiB), pmem(1 * GiB)] })
const [fast, far, slow] = box.nodes
const PAGES = MiB / 4096

function take(world: World, ...steps: Step[]): World {
  let outcome: Outcome = { world, status: 0, words: '' }
  for (const step of steps) outcome = faces(step).model(atRest(outcome.world))
  return outcome.world
}

const ready = take(
  bootWorld(box.spec, eraNamed('6.1')),
  ndctl.createNamespace(slow, { mode: 'devdax' }),
  daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
)

/** Where the process has memory, by node, in MiB. */
function where({ workload: of }: World): [number, number][] {
  return [...(of?.pages ?? [])].filter(([, { most }]) => most > 0).map(([node, { least }]) => [node, least / PAGES])
}

t.test('what is used below the top tier is promoted to the node of the CPU, in the tiering mode alone', async (t) => {
  const run = workload.run(slow, 16 * MiB)
  t.same(where(take(ready, run)), [[2, 16]], 'in no mode that was said')
  t.same(where(take(ready, numa.balancing('off'), run, workload.use(1))), [[2, 16]])
  const promoted = take(ready, run, numa.balancing('tiering'))
  t.same(where(promoted), [[0, 16]])
  t.same([...promoted.promoted], [[2, 0]])
  t.same(where(take(ready, numa.balancing('tiering'), run)), [[0, 16]], 'in any order')
  t.same(where(take(ready, numa.balancing('tiering'), workload.run(far, 16 * MiB))), [[1, 16]], 'DRAM is top tier')
})

t.test('what the group may not use is no target', async (t) => {
  const bound = take(ready, workload.run(slow, 16 * MiB), cgroup.cpusetMems(slow), numa.balancing('tiering'))
  t.same(where(bound), [[2, 16]])
  t.same(where(take(bound, cgroup.cpusetMems(fast, slow))), [[0, 16]])
})

t.test('mistakes in a scenario', async (t) => {
  const running = take(ready, workload.run(slow, 16 * MiB))
  t.throws(() => take(running, workload.use(1)), /say numa\.balancing first/)
  t.throws(() => take(running, cgroup.reclaim(1 * MiB)), UsageError)
  t.throws(() => take(running, workload.run(slow, 1 * MiB)), UsageError)
  t.throws(() => take(running, workload.fill(slow, 1 * MiB)), UsageError)
  t.throws(() => take(running, cgroup.cpusetMems(fast)), /would be migrated/)
  t.throws(() => take(ready, workload.use(1)), UsageError)
  const sockets = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), dram(1 * GiB, { cpus: '1' })] })
  const two = bootWorld(sockets.spec, eraNamed('6.1'))
  t.throws(() => take(two, workload.run(sockets.nodes[1], 1 * MiB)), /one node of CPUs/)
})

t.test('what a kernel shows of it', async (t) => {
  const seen = (mebibytes: number[], promoted: number) => ({
    '/sys/fs/cgroup/tierlab/memory.numa_stat': `anon ${mebibytes.map((mib, node) => `N${node}=${mib * MiB}`).join(' ')}\nshmem N0=0`,
    '/proc/vmstat': `pgdemote_direct 0\npgpromote_success ${promoted * PAGES}`,
  })
  const before = seen([0, 0, 16], 0)
  const promoted = take(ready, workload.run(slow, 16 * MiB), numa.balancing('tiering'))
  const paths = (world: World, files: Record<string, string>) =>
    workloadDifferences(world, files, before).map(({ path }) => path.replace(/^.*, /, ''))
  t.same(paths(promoted, seen([16, 0, 0], 16)), [])
  t.same(paths(promoted, seen([8, 0, 8], 8)), ['pages of node 0', 'pages of node 2'], 'a half')
  t.same(paths(promoted, seen([0, 16, 0], 16)), ['pages of node 0', 'pages of node 1'], 'somewhere else')
  t.same(paths(promoted, seen([16, 0, 0], 0)), ['rise of pgpromote_success'], 'not counted')
  t.same(paths(promoted, seen([16, 0, 0], 18)), ['rise of pgpromote_success'], 'counted twice')
  const maps = (node: number) => ({
    '/proc/77/numa_maps': `7f00 default anon=4100 dirty=4100 N${node}=4100 kernelpagesize_kB=4`,
  })
  t.same(paths(promoted, { ...seen([16, 0, 0], 16), ...maps(0) }), [], 'a few pages are its own')
  t.same(
    paths(promoted, { ...seen([16, 0, 0], 16), ...maps(2) }),
    ['node 0', 'node 2'],
    'its page tables say otherwise',
  )
  const off = take(ready, numa.balancing('off'), workload.run(slow, 16 * MiB), workload.use(1))
  t.same(paths(off, before), [])
  t.same(paths(off, seen([1, 0, 15], 1)), ['pages of node 0', 'pages of node 2', 'rise of pgpromote_success'])
})
