import { parseRelease, type Release } from '../harness/base/release.ts'

/**
 * dpkg's order of versions, without starting dpkg for each pair.
 * Source: Debian Policy 5.6.12; dpkg lib/dpkg/version.c, verrevcmp().
 */
export function compareDebianVersions(a: string, b: string): number {
  const [x, y] = [split(a), split(b)]
  return x.epoch - y.epoch || compareParts(x.upstream, y.upstream) || compareParts(x.revision, y.revision)
}

/** `6.1.192` of `6.1.192-2`: what kernel.org released. */
export function upstreamOf(version: string): string {
  return split(version).upstream
}

/** The upstream version as numbers; undefined when it does not begin with two of them. */
export function upstreamRelease(version: string): Release | undefined {
  return parseRelease(upstreamOf(version))
}

function split(version: string): { epoch: number; upstream: string; revision: string } {
  const [, epoch = '0', upstream = '', revision = ''] = /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/.exec(version) ?? []
  return { epoch: Number(epoch), upstream, revision }
}

/** Alternately text, where `~` sorts before the end and letters before the rest, and numbers. */
function compareParts(a: string, b: string): number {
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a[i])) || (j < b.length && !isDigit(b[j]))) {
      const difference = weight(a[i]) - weight(b[j])
      if (difference !== 0) return difference
      i += 1
      j += 1
    }
    const [x = '', y = ''] = [/^\d*/.exec(a.slice(i))?.[0], /^\d*/.exec(b.slice(j))?.[0]]
    if (Number(x) !== Number(y)) return Number(x) - Number(y)
    i += x.length
    j += y.length
  }
  return 0
}

function weight(character: string | undefined): number {
  if (character === undefined || isDigit(character)) return 0
  if (character === '~') return -1
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9'
}
