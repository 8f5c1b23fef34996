import fc from 'fast-check'
import t from 'tap'
import {
  defaultDram,
  deriveAdistance,
  type Performance,
  perfToAdistance,
} from '../../harness/model/abstract-distance.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import { type HmatTable, hmatAdistance, normalize, performanceOf, readHmat } from '../../harness/model/hmat.ts'
import { tierOf } from '../../harness/model/tiers.ts'

const [int, long] = [eraNamed('6.11'), eraNamed('6.12')]

/** Reading and writing alike. */
function perf(latency: number, bandwidth: number): Performance {
  return {
    ...{ read_latency: latency, write_latency: latency },
    ...{ read_bandwidth: bandwidth, write_bandwidth: bandwidth },
  }
}

t.test('abstract distance, worked out by hand from mt_perf_to_adistance()', async (t) => {
  const dram = perf(10, 10240)
  // 576 × 2L / 20, cut; × 20480 / 2B, cut.
  const vectors: [latency: number, bandwidth: number, adistance: number, tier: number][] = [
    [10, 10240, 576, 4],
    // 576 × 40 / 20 = 1152; × 20480 / 10240 = 2304.
    [20, 5120, 2304, 18],
    // 576 × 66 / 20 = 1900.8; 1900 × 20480 / 6144 = 6333.3.
    [33, 3072, 6333, 49],
    // 576 × 20480 / 18432 = 640, the first distance of tier 5; 18434 gives 639.9.
    [10, 9216, 640, 5],
    [10, 9217, 639, 4],
    [11, 10240, 633, 4],
    [12, 10240, 691, 5],
    [8, 10240, 460, 3],
    [5, 20480, 144, 1],
    // Below 128 all is in tier 0: 576 × 2 / 20 = 57.
    [1, 10240, 57, 0],
  ]
  for (const era of [int, long])
    for (const [latency, bandwidth, adistance, tier] of vectors) {
      t.equal(perfToAdistance(era, perf(latency, bandwidth), dram), adistance, `${era.name}: ${latency} ${bandwidth}`)
      t.equal(tierOf(adistance), tier)
    }
  // Memory behind CXL: 576 × 500 / 160 = 1800; 1800 × 40960 / 16384 = 4500; 4500 >> 7 = 35.
  t.equal(perfToAdistance(long, perf(250, 8192), perf(80, 20480)), 4500)
  t.equal(tierOf(4500), 35)
  // In the order of the code, and no other: 576 × 20 / 14 = 822.8, 822 × 20480 / 2048 = 8220; divided last it were 8228.
  t.equal(perfToAdistance(long, perf(10, 1024), perf(7, 10240)), 8220)
  // One direction is enough: (0 + 40) counts like (20 + 20).
  t.equal(perfToAdistance(long, { ...perf(20, 10240), read_latency: 0, write_latency: 40 }, dram), 1152)
  t.equal(perfToAdistance(long, perf(0, 10240), dram), null, 'no latency')
  t.equal(perfToAdistance(long, perf(20, 0), dram), null, 'no bandwidth')
})

t.test('an int overflows where a long does not', async (t) => {
  // 576 × 2000 / 200 = 5760; × 819200 = 4718592000, in 32 bits 423624704; / 20480 = 230400 (tier 1800), or 20684 (161).
  const [node, dram] = [perf(1000, 10240), perf(100, 409600)]
  t.equal(perfToAdistance(long, node, dram), 230400)
  t.equal(perfToAdistance(int, node, dram), 20684)
  t.same(
    deriveAdistance(int, node, dram)?.operations.map(({ exact, result }) => exact !== result),
    [false, false, true, false],
  )
  // 745653 × 2 × 2880 = 4294961280 just fits; 745655 × 2 × 2880 = 4294972800 does not. (576 × 100 / 20 = 2880)
  for (const [bandwidth, same] of [
    [745653, true],
    [745655, false],
  ] as const) {
    const of = perf(10, bandwidth)
    t.equal(perfToAdistance(int, perf(50, 100), of) === perfToAdistance(long, perf(50, 100), of), same, `${bandwidth}`)
  }
  // Even the sums are of 32 bits: 2147483648 + 2147483648 is 0, which is none.
  t.equal(perfToAdistance(long, perf(10, 2 ** 31), dram), null)
})

t.test('where nothing overflows, both give the same', async (t) => {
  const small = fc.integer({ min: 1, max: 1000 })
  fc.assert(
    fc.property(small, small, small, small, (a, b, c, d) => {
      const [node, dram] = [perf(a, b), perf(c, d)]
      return perfToAdistance(int, node, dram) === perfToAdistance(long, node, dram)
    }),
  )
  // A node like default DRAM is 576, unless its latency does not divide: never more than one tier away.
  fc.assert(fc.property(small, small, (a, b) => perfToAdistance(long, perf(a, b), perf(a, b)) === 576))
  t.pass('and default DRAM itself is 576')
})

t.test('default DRAM', async (t) => {
  const of = (...performances: Performance[]) =>
    defaultDram(performances.map((performance, node) => ({ node, performance })))
  t.match(of(perf(100, 1000), perf(110, 900)), { kind: 'node', node: 0 }, 'a tenth is near')
  t.same(of(perf(100, 1000), perf(111, 1000)), { kind: 'mismatch', node: 1, first: 0, of: 'read_latency' })
  t.same(of(perf(100, 1000), perf(100, 899)), { kind: 'mismatch', node: 1, first: 0, of: 'read_bandwidth' })
  t.match(of(perf(9, 1000), perf(10, 1000)), { kind: 'mismatch' }, '1 × 10 > 9')
  t.same(of(perf(100, 1000), perf(0, 1000), perf(500, 1000)), { kind: 'zero', node: 1 }, 'the first problem counts')
  t.same(of(perf(0, 1000)), { kind: 'zero', node: 0 })
  t.same(of(), { kind: 'none' })
  // 429496730 × 10 is 4294967300, in 32 bits 4: so far away is near again.
  t.match(of(perf(100, 10), perf(100, 429496740)), { kind: 'node' })
})

t.test('entries of the table', async (t) => {
  t.equal(normalize(33, 1000, 'access-latency'), 33)
  t.equal(normalize(1, 1, 'access-latency'), 1, 'a picosecond is a nanosecond, rounded up')
  t.equal(normalize(0xffff, 1000, 'access-latency'), 0)
  t.equal(normalize(0, 1000, 'access-bandwidth'), 0)
  // 4294967295 / 5 = 858993459: five units of 10^9 ps, 5 ms, are too much; four are not.
  t.equal(normalize(5, 1e9, 'access-latency'), 0)
  t.equal(normalize(4, 1e9, 'access-latency'), 4_000_000)
  // 4294967000 + 999 wraps to 703, which is 0 ns.
  t.equal(normalize(1, 4_294_967_000, 'access-latency'), 0)
  t.equal(normalize(3, 1024, 'access-bandwidth'), 3072)
})

const table = (processors: (number | null)[], latencies: number[][], bandwidths: number[][]): HmatTable => ({
  processors,
  localities: [
    { type: 'access-latency', base: 1000, initiators: latencies.map((_row, index) => index), entries: latencies },
    { type: 'access-bandwidth', base: 1, initiators: bandwidths.map((_row, index) => index), entries: bandwidths },
  ],
})

t.test('which initiator counts', async (t) => {
  const latencies = [
    [10, 20, 90],
    [20, 10, 30],
  ]
  const bandwidths = [
    [100, 50, 80],
    [50, 100, 40],
  ]
  const named = table([0, 1, 0], latencies, bandwidths)
  t.same(performanceOf(named, 2, 1, [0, 1]), perf(90, 80), 'the one that is named, though the other is nearer')
  const free = table([0, 1, null], latencies, bandwidths)
  t.same(performanceOf(free, 2, 1, [0, 1]), perf(30, 40), 'the best by latency first; bandwidth is then its own')
  const tie = table([0, 1, null], [[10, 20, 30], latencies[1] ?? []], bandwidths)
  t.same(performanceOf(tie, 2, 1, [0, 1]), perf(30, 80), 'bandwidth decides between equals')
  const partial = table([0, 1, null], [[10, 20, 0], latencies[1] ?? []], bandwidths)
  t.same(performanceOf(partial, 2, 1, [0, 1]), perf(30, 40), 'who says nothing is out')
  t.same(performanceOf(named, 2, 1, [1]), perf(30, 40), 'an initiator without CPUs: searched for class 1')
  t.same(performanceOf(named, 2, 0, [1]), perf(90, 80), 'and good enough for class 0')
})

t.test('what a table is worth', async (t) => {
  const nodes = { targets: [0, 1, 2], boot: [0, 1], cpus: [0] }
  const two = table([0, 0, 0], [[10, 20, 33]], [[10240, 5120, 3072]])
  const late = readHmat(long, two, nodes)
  t.same(
    [0, 1, 2].map((node) => hmatAdistance(long, late, node)),
    [576, 2304, 6333],
  )
  // 6.7 to 6.9 take node 1, which has no CPUs, for default DRAM too: 20 is not near 10, and HMAT is out.
  const early = readHmat(eraNamed('6.7'), two, nodes)
  t.same(early.dram, { kind: 'mismatch', node: 1, first: 0, of: 'read_latency' })
  t.equal(hmatAdistance(eraNamed('6.7'), early, 2), null)
  const invalid = readHmat(long, two, { ...nodes, targets: [0, 1] })
  t.equal(invalid.invalid_at, 2)
  t.equal(hmatAdistance(long, invalid, 1), null)
})
