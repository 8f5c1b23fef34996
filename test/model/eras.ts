import fc from 'fast-check'
import t from 'tap'
import { UsageError } from '../../harness/base/errors.ts'
import type { Release } from '../../harness/base/release.ts'
import { behaviourOf, DIFFERENCES, holds } from '../../harness/model/differences.ts'
import { describeSpans, ERAS, eraNamed, eraOf } from '../../harness/model/eras.ts'
import { tierOf } from '../../harness/model/tiers.ts'

t.test('the era of a release', async (t) => {
  const cases: [Release, string][] = [
    [[6, 1, 0], '6.1'],
    [[6, 1, 192], '6.1'],
    [[6, 2, 16], '6.2'],
    [[6, 4, 16], '6.3'],
    [[6, 6, 100], '6.5'],
    [[6, 7, 0], '6.7'],
    [[6, 8, 12], '6.7'],
    [[6, 9, 1], '6.9'],
    [[6, 10, 14], '6.10'],
    [[6, 11, 0], '6.11'],
    [[6, 12, 42], '6.11'],
    [[6, 12, 43], '6.12'],
    [[6, 12, 118], '6.12'],
    [[6, 13, 1], '6.11'],
    [[6, 14, 11], '6.11'],
    [[6, 15, 11], '6.12'],
    [[6, 16, 1], '6.16'],
    [[6, 16, 2], '6.17'],
    [[6, 19, 6], '6.17'],
    [[7, 0, 4], '7.0'],
    [[7, 2, 13], '7.0'],
    [[7, 3, 4], '7.3'],
  ]
  for (const [release, name] of cases) t.equal(eraOf(release).name, name, release.join('.'))
  t.throws(() => eraOf([5, 15, 0]), UsageError)
  t.throws(() => eraNamed('6.8'), {
    message: /There is no era “6.8”; there are 6.1 \(from 6.1 to before 6.2\), .* v13 \(by name only\)/,
  })
})

t.test('tiers of DRAM and of kmem’s default', async (t) => {
  // 576 >> 7 = 4, 2880 >> 7 = 22; in v13, 512 >> 7 = 4 and 1024 >> 7 = 8.
  for (const { name, adistance_dram, adistance_dax } of ERAS)
    t.same([tierOf(adistance_dram), tierOf(adistance_dax)], [4, name === 'v13' ? 8 : 22], name)
})

t.test('v13 is no release’s era', async (t) => {
  t.equal(describeSpans(eraNamed('v13')), 'by name only')
  const release = fc.tuple(fc.constantFrom(6, 7, 8), fc.nat(20), fc.nat(200))
  fc.assert(
    fc.property(
      release,
      ([major, minor, patch]) => major * 100 + minor < 601 || eraOf([major, minor, patch]).name !== 'v13',
    ),
  )
})

t.test('laws of differences and eras', async (t) => {
  const release = fc.tuple(fc.constantFrom(6, 7, 8), fc.nat(20), fc.nat(200)).filter(([a, b]) => a > 6 || b > 0)
  fc.assert(
    fc.property(release, (at) => {
      const { name, spans: _spans, release: standIn, ...behaviour } = eraOf(at)
      return (
        JSON.stringify(behaviour) === JSON.stringify(behaviourOf(at)) &&
        DIFFERENCES.every((difference) => holds(difference, at) === holds(difference, standIn)) &&
        eraOf(standIn).name === name
      )
    }),
    { numRuns: 500 },
  )
  t.pass('an era does what each of its releases does, and eras differ where a dated difference does')
  for (const { changes, says } of DIFFERENCES) t.ok(Object.keys(changes).length > 0, says)
  t.same(
    DIFFERENCES.map(({ first }) => first),
    DIFFERENCES.map(({ first }) => first).sort((a, b) => a[0] - b[0] || a[1] - b[1]),
  )
})
