/** A test of KTAP as a reader sees it. */
export interface KtapTest {
  readonly name: string
  readonly ok: boolean
  readonly directive: string
  readonly reason: string
  readonly diagnostics: readonly string[]
  readonly subtests: readonly KtapTest[]
}

/** The directives of Documentation/dev-tools/ktap.rst; what follows a hash otherwise is diagnostic data. */
const DIRECTIVES = ['SKIP', 'TODO', 'XFAIL', 'TIMEOUT', 'ERROR']

/**
 * Reads KTAP strictly, with the expressions of tools/testing/kunit/kunit_parser.py. Throws an Error that says which rule
 * is broken: of plans, numbers, names of subtests, and results that must agree with those of their subtests.
 */
export function readKtap(text: string): KtapTest[] {
  const lines = text.split('\n')
  if (lines.pop() !== '') throw new Error('the last line has no end')
  const tests = level(lines, '')
  if (lines.length > 0) throw new Error(`something follows the plan: ${lines[0]}`)
  return tests
}

function level(lines: string[], indent: string): KtapTest[] {
  const next = () => {
    const line = lines.shift()
    if (line === undefined || !line.startsWith(indent)) throw new Error(`expected another line at “${indent}”: ${line}`)
    return line.slice(indent.length)
  }
  if (next() !== 'KTAP version 1') throw new Error('no version line')
  let line = next()
  const header = /^# Subtest: (.*)$/.exec(line)?.[1]
  if (header !== undefined) line = next()
  const planned = Number(/^1\.\.([0-9]+)$/.exec(line)?.[1])
  const tests: KtapTest[] = []
  while (tests.length < planned) {
    const subtests = lines[0]?.startsWith(`${indent}  KTAP`) ? level(lines, `${indent}  `) : []
    const diagnostics: string[] = []
    let result = next()
    for (; result.startsWith('#'); result = next()) diagnostics.push(result.slice(2))
    const match = /^(ok|not ok) ([0-9]+) ?(- )?([^#]*)( # .*)?$/.exec(result)
    if (match === null) throw new Error(`no result line: ${result}`)
    const [, outcome, number, , name = '', rest = ''] = match
    if (Number(number) !== tests.length + 1) throw new Error(`the number is not ${tests.length + 1}: ${result}`)
    const [, word = '', more = ''] = /^ # (\S*) ?(.*)$/.exec(rest) ?? []
    const known = DIRECTIVES.includes(word)
    const test = {
      ...{ name: name.trim(), ok: outcome === 'ok', diagnostics, subtests },
      ...(known ? { directive: word, reason: more } : { directive: '', reason: rest.slice(3) }),
    }
    if (subtests.length > 0 && test.ok !== subtests.every(({ ok }) => ok))
      throw new Error(`${name} and its subtests disagree`)
    tests.push(test)
  }
  if (header !== undefined && !lines[0]?.includes(header)) throw new Error(`no result has the header’s name ${header}`)
  return tests
}
