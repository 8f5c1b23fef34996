import { UsageError } from './errors.ts'

/** A kernel version as numbers: 6.12.95 is [6, 12, 95]; what is missing counts as 0. */
export type Release = readonly [major: number, minor: number, patch: number]

/** The leading numbers of `6.12.95+deb13-amd64`, `6.1`, `7.3.4-1~bpo13+1`; undefined when there are none. */
export function parseRelease(text: string): Release | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text)
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined
}

export function compareReleases(a: Release, b: Release): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}

export function formatRelease([major, minor, patch]: Release): string {
  return patch === 0 ? `${major}.${minor}` : `${major}.${minor}.${patch}`
}

/**
 * A range is comparisons joined by spaces, all of which must hold: `>=6.1`, `>=6.7 <6.12.43`.
 * Throws UsageError when the text is no range.
 */
export function inRange(release: Release, range: string): boolean {
  return parseRange(range).every(({ operator, bound }) => holds(compareReleases(release, bound), operator))
}

function holds(order: number, operator: Operator): boolean {
  switch (operator) {
    case '>=':
      return order >= 0
    case '>':
      return order > 0
    case '<=':
      return order <= 0
    case '<':
      return order < 0
    case '=':
      return order === 0
  }
}

type Operator = '>=' | '>' | '<=' | '<' | '='

function parseRange(range: string): { operator: Operator; bound: Release }[] {
  return range
    .trim()
    .split(/\s+/)
    .map((part) => {
      const [, operator, version] = /^(>=|>|<=|<|=)(.+)$/.exec(part) ?? []
      const bound = version === undefined ? undefined : parseRelease(version)
      if (!isOperator(operator) || bound === undefined)
        throw new UsageError(`“${range}” is not a range of kernels; write one like “>=6.1” or “>=6.7 <6.12”.`)
      return { operator, bound }
    })
}

function isOperator(text: string | undefined): text is Operator {
  return text === '>=' || text === '>' || text === '<=' || text === '<' || text === '='
}
