import { UsageError } from '../base/errors.ts'
import { compareReleases, formatRelease, type Release } from '../base/release.ts'
import { type Behaviour, behaviourOf, FIRST_BEHAVIOUR, FIRST_RELEASE, turningPoints } from './differences.ts'

/** Releases from one on, and before another; null is no end. */
export interface Span {
  readonly from: Release
  readonly before: Release | null
}

/** All releases that do the same. What they do follows from the dated differences, `differences.ts`. */
export interface Era extends Behaviour {
  readonly name: string
  /** The releases that it describes; none for a patch series that was never released. */
  readonly spans: readonly Span[]
  /** The release that stands for the era where no kernel is at hand; ranges in pins are judged by it. */
  readonly release: Release
}

/** A tier covers this many abstract distances. Source: MEMTIER_CHUNK_BITS (6.1). */
export const MEMTIER_CHUNK_BITS = 7

/**
 * The thirteenth posting of the series that became 6.1 (4/9, 2022-08-09), which had other constants: DRAM is
 * 4 × 128 = 512, tier 512 >> 7 = 4; kmem's default is twice that, 1024, tier 8. Tiers were not in sysfs yet; the
 * numbers are those that 6.1 would give them. What the series left undone on errors is no part of the model.
 * Source: include/linux/memory-tiers.h, MEMTIER_ADISTANCE_DRAM; drivers/dax/kmem.c, MEMTIER_DEFAULT_DAX_ADISTANCE.
 */
const V13: Era = {
  ...FIRST_BEHAVIOUR,
  name: 'v13',
  spans: [],
  release: [6, 0, 0],
  adistance_dram: 512,
  adistance_dax: 1024,
}

/** Each era has the name of the release that began it, or of the first long-term one, and that release stands for it. */
const NAMES: readonly (readonly [name: string, release: Release])[] = [
  ['6.1', [6, 1, 0]],
  ['6.2', [6, 2, 0]],
  ['6.3', [6, 3, 0]],
  ['6.5', [6, 5, 0]],
  ['6.7', [6, 7, 0]],
  ['6.9', [6, 9, 0]],
  ['6.10', [6, 10, 0]],
  ['6.11', [6, 11, 0]],
  ['6.12', [6, 12, 43]],
  ['6.16', [6, 16, 0]],
  ['6.17', [6, 17, 0]],
  ['7.0', [7, 0, 0]],
  ['7.3', [7, 3, 0]],
]

/** In the order of releases; what only a name selects comes last. */
export const ERAS: readonly Era[] = [
  ...NAMES.map(([name, release]) => {
    const behaviour = behaviourOf(release)
    return { ...behaviour, name, release, spans: spansOf(behaviour) }
  }),
  V13,
]

/** The era of a release. Throws UsageError for kernels without memory tiers. */
export function eraOf(release: Release): Era {
  if (compareReleases(release, FIRST_RELEASE) < 0)
    throw new UsageError(`Linux ${formatRelease(release)} has no memory tiers; they came with 6.1.`)
  const era = ERAS.find(({ spans }) =>
    spans.some(
      ({ from, before }) =>
        compareReleases(from, release) <= 0 && (before === null || compareReleases(release, before) < 0),
    ),
  )
  if (era === undefined) throw new RangeError(`no era has a name for what Linux ${formatRelease(release)} does`)
  return era
}

/** Throws UsageError, naming the eras there are. */
export function eraNamed(name: string): Era {
  const era = ERAS.find((candidate) => candidate.name === name)
  if (era === undefined) throw new UsageError(`There is no era “${name}”; there are ${describeEras()}.`)
  return era
}

/** `from 6.7 to before 6.9`, for each span of an era. */
export function describeSpans({ spans }: Pick<Era, 'spans'>): string {
  if (spans.length === 0) return 'by name only'
  return spans
    .map(({ from, before }) =>
      before === null
        ? `from ${formatRelease(from)} on`
        : `from ${formatRelease(from)} to before ${formatRelease(before)}`,
    )
    .join(' and ')
}

function describeEras(): string {
  return ERAS.map((era) => `${era.name} (${describeSpans(era)})`).join(', ')
}

function spansOf(behaviour: Behaviour): Span[] {
  const points = turningPoints()
  const spans: Span[] = []
  points.forEach((from, index) => {
    if (JSON.stringify(behaviourOf(from)) !== JSON.stringify(behaviour)) return
    const before = points[index + 1] ?? null
    const last = spans.at(-1)
    if (last?.before && compareReleases(last.before, from) === 0) spans[spans.length - 1] = { from: last.from, before }
    else spans.push({ from, before })
  })
  return spans
}
