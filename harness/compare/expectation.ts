/** What the model says of one path: one value, one of several, or that it is not there. */
export interface Expectation {
  readonly path: string
  readonly oneOf: readonly string[] | 'absent'
  /** Why: a sentence, with the kernel's file and function. */
  readonly rule: string
}

/** A family of paths of which the model knows every member: another one is a difference. */
export interface Family {
  readonly pattern: RegExp
  readonly rule: string
}

export interface Expected {
  readonly values: readonly Expectation[]
  readonly families: readonly Family[]
}

/** One place where the kernel and the model disagree. Texts, ready to be read beside `cat PATH`. */
export interface Difference {
  readonly path: string
  readonly expected: string
  readonly observed: string
  readonly rule: string
}

export const ABSENT = '(absent)'

/** Every difference, in the order of paths. */
export function differences(expected: Expected, observed: Readonly<Record<string, string>>): Difference[] {
  const found: Difference[] = []
  const known = new Set<string>()
  for (const { path, oneOf, rule } of expected.values) {
    known.add(path)
    const value = observed[path]
    const allowed = oneOf === 'absent' ? value === undefined : value !== undefined && oneOf.includes(value)
    if (!allowed) found.push({ path, expected: describe(oneOf), observed: value ?? ABSENT, rule })
  }
  for (const [path, value] of Object.entries(observed)) {
    const family = known.has(path) ? undefined : expected.families.find(({ pattern }) => pattern.test(path))
    if (family) found.push({ path, expected: ABSENT, observed: value, rule: family.rule })
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

function describe(oneOf: readonly string[] | 'absent'): string {
  if (oneOf === 'absent') return ABSENT
  return oneOf.map((value) => (value === '' ? '(empty)' : value)).join(' or ')
}
