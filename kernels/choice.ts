import { compareReleases } from '../harness/base/release.ts'
import type { Package } from './apt.ts'
import { compareDebianVersions, upstreamOf, upstreamRelease } from './debian-version.ts'

/**
 * The flavour for clouds: a third of the size of the general one, with every driver that a guest needs (nfit, dax, kmem,
 * HMAT, CXL, virtio).
 */
export const FLAVOUR = 'cloud-amd64'

/** A kernel that Debian offers. */
export interface Candidate {
  readonly family: string
  /** As `uname -r` says it, which the package's name ends with. */
  readonly release: string
  readonly pkg: Package
}

/** The signed images of the flavour: no debug symbols, no unsigned twins, no packages that only name the newest. */
export function candidatesOf(family: string, packages: readonly Package[]): Candidate[] {
  return packages.flatMap((pkg) => {
    const release = /^linux-image-(\d+\.\d+(?:\.\d+|-rc\d+).*)$/.exec(pkg.name)?.[1]
    return release?.endsWith(`-${FLAVOUR}`) ? [{ family, release, pkg }] : []
  })
}

/**
 * Where to look, in order; families of one group are looked at together. A stable release is the home of its own
 * series, and a backport of it to an older release is second choice; all other series come by backports or sid.
 */
export function familiesFor(wanted: string): readonly (readonly string[])[] {
  if (matches(wanted, '6.1')) return [['bookworm']]
  if (matches(wanted, '6.12')) return [['trixie'], ['bookworm']]
  return [['trixie', 'sid'], ['bookworm']]
}

function matches(version: string, series: string): boolean {
  return version === series || version.startsWith(`${series}.`) || version.startsWith(`${series}-`)
}

/** The newest that is wanted: by upstream version, then in the order of families, then by Debian's revision. */
export function choose(wanted: string, candidates: readonly Candidate[], families: readonly string[]) {
  return candidates
    .filter(({ pkg }) => isWanted(wanted, pkg.version))
    .sort((a, b) => byUpstream(b, a) || families.indexOf(a.family) - families.indexOf(b.family) || byVersion(b, a))
    .at(0)
}

/** A whole package version, or an upstream version up to a dot: 6.1 is no 6.12. */
export function isWanted(wanted: string, version: string): boolean {
  const upstream = upstreamOf(version)
  return (
    version === wanted || upstream === wanted || upstream.startsWith(`${wanted}.`) || upstream.startsWith(`${wanted}~`)
  )
}

/** A few versions to name when one is not found: the newest of the same series, else the newest of each series. */
export function suggestions(wanted: string, candidates: readonly Candidate[]): string[] {
  const newest = [...candidates].sort((a, b) => byUpstream(b, a)).map(({ pkg }) => upstreamOf(pkg.version))
  const series = (version: string) => version.split(/[.~-]/).slice(0, 2).join('.')
  const same = newest.filter((version) => series(version) === series(wanted))
  const ofEach = newest.filter((version, at) => newest.findIndex((other) => series(other) === series(version)) === at)
  return [...new Set(same.length > 0 ? same : ofEach)].slice(0, 6)
}

function byUpstream(a: Candidate, b: Candidate): number {
  const [x, y] = [upstreamRelease(a.pkg.version), upstreamRelease(b.pkg.version)]
  if (x === undefined || y === undefined) return 0
  return compareReleases(x, y) || compareDebianVersions(upstreamOf(a.pkg.version), upstreamOf(b.pkg.version))
}

function byVersion(a: Candidate, b: Candidate): number {
  return compareDebianVersions(a.pkg.version, b.pkg.version)
}
