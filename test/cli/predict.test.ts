import { join } from 'node:path'
import t from 'tap'
import { InvalidMachine, UsageError } from '../../harness/base/errors.ts'
import { predictCommand, predictionLines, releaseOf } from '../../harness/cli/predict-command.ts'
import { dram, GiB, machine, pmem } from '../../harness/index.ts'
import { eraNamed, eraOf } from '../../harness/model/eras.ts'
import { bringOnline, predict } from '../../harness/model/predict.ts'
import { styleFor } from '../../harness/report/style.ts'
import { bootWorld } from '../../harness/topology/world.ts'

const SCENARIO = join(import.meta.dirname, '../../scenarios/hmat/hmat-orders-three-kinds-of-memory.ts')

/** What a command writes to standard output. */
async function written(work: () => Promise<number>): Promise<string> {
  const { write } = process.stdout
  let text = ''
  process.stdout.write = (chunk: string | Uint8Array) => {
    text += String(chunk)
    return true
  }
  try {
    await work()
    return text
  } finally {
    process.stdout.write = write
  }
}

t.test('why is my CXL node in memory_tier35?', async (t) => {
  const { spec } = machine({
    nodes: [dram(GiB, { cpus: '0' }), pmem(GiB)],
    hmat: [
      { initiator: 0, target: 0, latency_ns: 80, bandwidth_mibps: 20480 },
      { initiator: 0, target: 1, latency_ns: 250, bandwidth_mibps: 8192 },
    ],
  })
  const era = eraNamed('7.3')
  const prediction = predict(bringOnline(bootWorld(spec, era), [1]))
  const text = predictionLines(spec, era, [1], prediction, styleFor({ write: () => {} })).join('\n')
  t.match(text, 'The NVDIMMs of node 1 are online, as system-ram by kmem.')
  t.match(text, 'memory_tier35: node 1, abstract distances 4480 to 4607')
  t.match(text, 'default DRAM is node 0: latency 80 + 80 = 160 ns, bandwidth 20480 + 20480 = 40960 MB/s')
  t.match(text, 'Node 0: memory_tier4, top tier, demotes to 1, then to any of 1')
  t.match(text, 'Node 1: memory_tier35, not top tier, demotes nowhere')
  t.match(text, 'abstract distance = 576 × 500 / 160 × 40960 / 16384, from left to right')
  t.match(text, '[mt_perf_to_adistance()]')
  t.match(text, 'tier = 4500 >> 7 = 35: memory_tier35')
})

t.test('the command', async (t) => {
  const of = async (options: Parameters<typeof predictCommand>[1]) =>
    JSON.parse(await written(() => predictCommand(SCENARIO, { json: true, ...options })))
  const all = await of({})
  t.match(all, {
    era: '7.3',
    online: [2],
    nodes: [{ tier: 'memory_tier4' }, { tier: 'memory_tier18' }, { tier: 'memory_tier49' }],
  })
  t.match(all.nodes[2].why.tier.at(-1), { says: /^tier = 6333 >> 7 = 49/, function: 'find_create_memory_tier()' })
  t.match(await of({ online: 'none' }), { online: [], nodes: [{}, {}, { tier: null, toptier: null, demotion: null }] })
  t.match(await of({ kernel: '6.1.192' }), { era: '6.1', nodes: [{}, {}, { tier: 'memory_tier22' }] })
  t.match(await of({ era: 'v13' }), { era: 'v13', nodes: [{}, {}, { tier: 'memory_tier8' }] })
  t.match(await written(() => predictCommand(SCENARIO, {})), /^Linux as in era 7\.3 \(from 7\.3 on\)/)
  await t.rejects(of({ online: '1' }), new UsageError('Node 1 has no NVDIMM to bring online; node 2 can be named.'))
  await t.rejects(of({ online: 'x' }), UsageError)
  await t.rejects(of({ kernel: '6.1', era: '6.1' }), UsageError)
  await t.rejects(of({ kernel: '5.15' }), UsageError)
  const folder = t.testdir({
    'bad.ts': 'export default { spec: { nodes: [], distances: [], hmat: null, modules: [] } }',
  })
  await t.rejects(predictCommand(join(folder, 'bad.ts'), {}), InvalidMachine)
  await t.rejects(predictCommand(join(folder, 'none.ts'), {}), UsageError)
})

t.test('the version in a kernel’s spec, without a look at any kernel', async (t) => {
  const cases: [string, string][] = [
    ['debian:6.1', '6.1'],
    // A series is its newest release; one before the overflow was mended has to be named.
    ['debian:6.12', '6.12'],
    ['6.12', '6.12'],
    ['6.12.0', '6.11'],
    ['debian:6.12.30', '6.11'],
    ['debian:6.1.192-2', '6.1'],
    ['v6.8', '6.7'],
    ['debian:7', '7.3'],
  ]
  for (const [spec, era] of cases) t.equal(eraOf(await releaseOf(spec)).name, era, spec)
  await t.rejects(releaseOf('image:/boot/vmlinuz'), UsageError)
  await t.rejects(releaseOf('nonsense'), UsageError)
})
