import fc from 'fast-check'
import t from 'tap'
import { MiB } from '../../harness/base/size.ts'
import { daxctl, dram, dramAndPmem, machine, memoryless, ndctl, pmem } from '../../harness/index.ts'
import { ERAS, type Era, eraNamed } from '../../harness/model/eras.ts'
import { bringOnline, type NodePrediction, predict } from '../../harness/model/predict.ts'
import { tierName, tierOfNode } from '../../harness/model/tiers.ts'
import type { World } from '../../harness/model/world.ts'
import { faces } from '../../harness/steps/step.ts'
import type { Machine } from '../../harness/topology/machine.ts'
import type { NodeSpec } from '../../harness/topology/nodes.ts'
import { bootWorld } from '../../harness/topology/world.ts'

const size = 512 * MiB

function predicted(of: Machine, era: string): readonly NodePrediction[] {
  const nodes = of.spec.nodes.map((_node, index) => index)
  return predict(bringOnline(bootWorld(of.spec, eraNamed(era)), nodes)).nodes
}

function tiers(of: Machine, era: string): (string | null)[] {
  return predicted(of, era).map(({ tier }) => tier)
}

const row = (target: number, latency_ns: number, bandwidth_mibps: number, initiator = 0) => ({
  ...{ initiator, target, latency_ns, bandwidth_mibps },
})

t.test('memory behind CXL, by era', async (t) => {
  const box = machine({
    nodes: [dram(size, { cpus: '0' }), dram(size), pmem(size)],
    hmat: [row(0, 80, 20480), row(1, 250, 8192), row(2, 250, 8192)],
  })
  // 576 × 500 / 160 = 1800; 1800 × 40960 / 16384 = 4500; 4500 >> 7 = 35.
  const cases: [string, (string | null)[]][] = [
    ['v13', ['memory_tier4', 'memory_tier4', 'memory_tier8']],
    ['6.1', ['memory_tier4', 'memory_tier4', 'memory_tier22']],
    // Node 1 counts as default DRAM, and is unlike node 0: HMAT has no say.
    ['6.7', ['memory_tier4', 'memory_tier4', 'memory_tier22']],
    ['6.9', ['memory_tier4', 'memory_tier4', 'memory_tier22']],
    ['6.10', ['memory_tier4', 'memory_tier35', 'memory_tier35']],
    ['6.11', ['memory_tier4', 'memory_tier35', 'memory_tier35']],
    ['6.12', ['memory_tier4', 'memory_tier35', 'memory_tier35']],
  ]
  for (const [era, wanted] of cases) t.same(tiers(box, era), wanted, era)
  const [, slow] = predicted(box, '6.12')
  t.same(slow?.why.tier.map(({ says }) => says).slice(-4), [
    'for reading and writing latency 250 + 250 = 500 ns, bandwidth 8192 + 8192 = 16384 MB/s',
    'abstract distance = 576 × 500 / 160 × 40960 / 16384, from left to right, remainders dropped',
    '576 × 500 = 288000; / 160 = 1800; × 40960 = 73728000; / 16384 = 4500',
    'tier = 4500 >> 7 = 35: memory_tier35 is for distances from 4480 to 4607',
  ])
  t.match(slow?.why.tier.at(-1), { file: 'mm/memory-tiers.c', function: 'find_create_memory_tier()' })
  t.match(slow, { toptier: false, demotion: { preferred: [], fallback: [] } })
})

t.test('6.7 asks HMAT for kmem alone, 6.10 not for nodes with CPUs', async (t) => {
  const box = machine({
    nodes: [dram(size, { cpus: '0' }), dram(size, { cpus: '1' }), pmem(size)],
    hmat: [row(0, 100, 10000), row(1, 110, 9200, 1), row(2, 400, 5000)],
  })
  // Node 1: 576 × 220 / 200 = 633; 633 × 20000 / 18400 = 688; 688 >> 7 = 5. Node 2: 2304 × 2 = 4608; >> 7 = 36.
  t.same(tiers(box, '6.7'), ['memory_tier4', 'memory_tier4', 'memory_tier36'])
  t.same(tiers(box, '6.10'), ['memory_tier4', 'memory_tier4', 'memory_tier36'])
  t.same(tiers(box, '6.11'), ['memory_tier4', 'memory_tier5', 'memory_tier36'])
  const [fast, near] = predicted(box, '6.12')
  t.match(
    [fast, near],
    [{ toptier: true }, { toptier: true }],
    'a slower tier with CPUs makes the faster one top tier too',
  )
  t.match(fast?.demotion, { preferred: [[1]], fallback: [1, 2] })
  t.match(fast?.why.demotion[1]?.says, 'node 1 costs 21: distance 20 + 1 for its CPUs')
})

t.test('an overflow is told', async (t) => {
  const box = machine({
    nodes: [dram(size, { cpus: '0' }), dram(size)],
    hmat: [row(0, 100, 409600), row(1, 1000, 10240)],
  })
  t.same(tiers(box, '6.12'), ['memory_tier4', 'memory_tier1800'])
  t.same(tiers(box, '6.11'), ['memory_tier4', 'memory_tier161'])
  t.match(
    predicted(box, '6.11')[1]?.why.tier.at(-2)?.says,
    '576 × 2000 = 1152000; / 200 = 5760; × 819200 = 423624704 (4718592000 does not fit); / 20480 = 20684',
  )
})

t.test('what HMAT does not say', async (t) => {
  const says = (of: Machine, node: number) => predicted(of, '6.12')[node]?.why.tier.map((reason) => reason.says) ?? []
  const nodes = [dram(size, { cpus: '0' }), dram(size), pmem(size)] as const
  const partial = machine({ nodes, hmat: [row(0, 10, 10240), row(2, 20, 0)] })
  t.same(tiers(partial, '6.12'), ['memory_tier4', 'memory_tier4', 'memory_tier22'])
  t.match(says(partial, 1)[1], 'HMAT names no initiator for node 1: the best that it has is latency 0 + 0 = 0 ns')
  t.match(says(partial, 2)[3], 'without bandwidth there is no answer: the distance stays 2880')
  const nothing = machine({ nodes, hmat: [row(2, 20, 1024)] })
  t.same(tiers(nothing, '6.12'), ['memory_tier4', 'memory_tier4', 'memory_tier22'])
  t.match(says(nothing, 2)[1], 'node 0 counts as default DRAM, and HMAT has no latency for it')
  const without = machine({ nodes })
  t.match(says(without, 1)[1], 'the machine has no HMAT: the distance stays 576')
  const invalid = machine({
    nodes: [dram(size, { cpus: '0' }), memoryless({ cpus: '1' }), pmem(size)],
    hmat: [row(0, 10, 10240), row(2, 20, 5120)],
  })
  t.same(tiers(invalid, '6.12'), ['memory_tier4', null, 'memory_tier22'])
  t.match(says(invalid, 2)[1], 'HMAT names node 1, and SRAT has no memory there: the kernel ignores the whole table')
  t.match(says(invalid, 1), ['the node has CPUs alone, and a node without memory is in no tier'])
  const far = machine({ nodes: nodes.slice(0, 2), hmat: [row(0, 1000000, 1024), row(1, 5000000, 1024)] })
  t.match(says(far, 1)[1], 'entry 5 × 1000000000 ps = 0 ns, too large for 32 bits')
})

t.test('nodes that were typed already, and nodes that cannot be', async (t) => {
  const mixed = machine({ nodes: [dramAndPmem(size, { cpus: '0', pmem: [size] }), pmem(128 * MiB)] })
  const [first, small] = predicted(mixed, '6.12')
  t.equal(first?.tier, 'memory_tier4')
  t.match(first?.why.tier[0]?.says, 'memory that is added later changes no type')
  t.match(small, { tier: null, adistance: null, toptier: null, demotion: null })
  t.match(small?.why.tier[0]?.says, 'kmem refuses its NVDIMM')
  const [, offline] = predict(
    bootWorld(machine({ nodes: [dram(size, { cpus: '0' }), pmem(size)] }).spec, eraNamed('6.12')),
  ).nodes
  t.match(offline?.why.tier[0]?.says, 'none of its memory is online')
})

/** Values that QEMU can encode beside each other. */
const latency = fc.oneof(fc.constantFrom(0, 10, 11, 12, 100), fc.nat(3000))
const bandwidth = fc.oneof(fc.constantFrom(0, 10240, 9216, 9300), fc.nat(60000))

const machines = fc
  .record({ cpus: fc.integer({ min: 1, max: 2 }), memory: fc.nat(2), pmem: fc.nat(2) })
  .chain(({ cpus, memory, pmem: nvdimms }) => {
    const count = cpus + memory + nvdimms
    const nodes: NodeSpec[] = [
      ...Array.from({ length: cpus }, (_value, cpu) => dram(size, { cpus: `${cpu}` })),
      ...Array.from({ length: memory }, () => dram(size)),
      ...Array.from({ length: nvdimms }, () => pmem(size)),
    ]
    const rows = fc.tuple(
      ...nodes.map((_node, target) =>
        fc.record({ initiator: fc.nat(cpus - 1), latency, bandwidth }).map((given) => {
          const initiator = target < cpus ? target : given.initiator
          return row(target, given.latency, given.bandwidth, initiator)
        }),
      ),
    )
    return fc
      .record({ rows, kept: fc.integer({ min: 0, max: count }), with: fc.boolean() })
      .map(({ rows: all, kept, with: given }) => machine({ nodes, ...(given && { hmat: all.slice(0, kept) }) }))
  })

t.test('laws of predictions, over random machines', async (t) => {
  fc.assert(
    fc.property(machines, fc.constantFrom(...ERAS), (box, era) => {
      const world = bySteps(box, era)
      const { nodes } = predict(bringOnline(bootWorld(box.spec, era), [...box.spec.nodes.keys()]))
      const tier = tierOfNode(world)
      return nodes.every(
        (node) =>
          // The prediction is what the steps that one would type come to,
          node.tier === (tier.has(node.node) ? tierName(tier.get(node.node) ?? 0) : null) &&
          JSON.stringify(node.demotion) === JSON.stringify(world.targets.get(node.node) ?? null) &&
          // its last line derives the tier, and the arithmetic before it, where there is any, the distance.
          lastNumber(node, / >> 7 = (-?\d+):/) === (tier.get(node.node) ?? null) &&
          [node.adistance, null].includes(lastNumber(node, /^576 × .*?(-?\d+)$/)),
      )
    }),
    { numRuns: 300 },
  )
  t.pass('300 machines')
})

t.test('without HMAT all releases agree', async (t) => {
  const released = ERAS.filter(({ spans }) => spans.length > 0)
  const seen = fc.sample(machines, { numRuns: 50, seed: 1 }).map((box) => {
    const plain = machine({ nodes: box.spec.nodes, distances: box.spec.distances })
    return new Set(released.map(({ name }) => JSON.stringify(tiers(plain, name)))).size
  })
  t.ok(seen.every((kinds) => kinds === 1))
})

function bySteps(box: Machine, era: Era): World {
  const steps = box.nodes.flatMap((node) =>
    node.kind === 'pmem'
      ? [ndctl.createNamespace(node, { mode: 'devdax' }), daxctl.reconfigureDevice(node, { mode: 'system-ram' })]
      : [],
  )
  return steps.reduce((world, step) => faces(step).model(world).world, bootWorld(box.spec, era))
}

function lastNumber({ why }: NodePrediction, pattern: RegExp): number | null {
  const line = why.tier.findLast(({ says }) => pattern.test(says))
  return line === undefined ? null : Number(pattern.exec(line.says)?.[1])
}
