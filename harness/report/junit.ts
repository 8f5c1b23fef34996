import { dirname } from 'node:path'
import type { RunResult } from '../run/events.ts'
import type { VerdictName } from '../run/verdict.ts'
import { findingLines } from './finding.ts'
import { styleFor } from './style.ts'
import { byKernel, type Planned, runName, type Told } from './told.ts'

const PLAIN = styleFor({ write: () => {} })

/**
 * JUnit XML as Jenkins, GitLab and others read it: a suite for each kernel, a case for each run. docs/schema/junit.xsd
 * says what is written; it is a part of the xUnit plugin's junit-10.xsd.
 */
export function junit({ runs, unmade }: Told): string {
  const suites = byKernel(runs).map(([kernel, own]) => suiteOf(kernel, own, unmade))
  const none = { tests: 1, failures: 0, errors: 1, skipped: 0, ms: 0 }
  const all = suites.length > 0 ? suites : [{ counts: none, text: nothing(unmade, none) }]
  const { skipped: _, ...counts } = all.map((suite) => suite.counts).reduce(add)
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="tierlab"${countWords(counts)}>
${all.map(({ text }) => text).join('')}</testsuites>
`
}

interface Counts {
  readonly tests: number
  readonly failures: number
  readonly errors: number
  readonly skipped: number
  readonly ms: number
}

/** An outcome is a child of its case; a pass has none. */
const OUTCOMES: Readonly<Record<VerdictName, 'failure' | 'error' | 'skipped' | null>> = {
  ...{ pass: null, fail: 'failure', splat: 'failure', crash: 'failure', hang: 'failure' },
  ...{ broken: 'error', known: 'skipped', skip: 'skipped' },
}

function suiteOf(kernel: string, runs: readonly Planned[], unmade: string): { counts: Counts; text: string } {
  const kinds = runs.map(({ result }) => (result === undefined ? 'error' : OUTCOMES[result.verdict.verdict]))
  const count = (kind: string) => kinds.filter((one) => one === kind).length
  const counts = {
    ...{ tests: runs.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') },
    ms: runs.reduce((sum, { result }) => sum + (result?.timings_ms.total ?? 0), 0),
  }
  return {
    counts,
    text: `  <testsuite name=${quoted(kernel)}${countWords(counts)}>
${runs.map((run) => caseOf(run, unmade)).join('')}  </testsuite>
`,
  }
}

function caseOf({ cell, result }: Planned, unmade: string): string {
  // Readers take what follows the last dot for the class, and all before it for the package.
  const folder = dirname(cell.file).split('/').at(-1) ?? ''
  const head = `    <testcase name=${quoted(runName(cell))} classname=${quoted(`${cell.kernel.name}.${folder}`)}`
  if (result === undefined)
    return `${head}>\n      <error type="not-run" message=${quoted(unmade)}/>\n    </testcase>\n`
  const { verdict, reason } = result.verdict
  const outcome = OUTCOMES[verdict]
  const body =
    outcome === null
      ? ''
      : outcome === 'skipped'
        ? `      <skipped type="${verdict}" message=${quoted(reason)}/>\n`
        : `      <${outcome} type="${verdict}" message=${quoted(reason)}>${escaped(story(result))}</${outcome}>\n`
  return `${head} time="${seconds(result.timings_ms.total)}">\n${body}${about(result)}    </testcase>\n`
}

function story(result: RunResult): string {
  return findingLines(result, PLAIN, 1000).join('\n')
}

/** The line that boots the guest by hand, and where the record is. */
function about({ command_line, record }: RunResult): string {
  const lines = [record === null ? '' : `record: ${record}`, command_line].filter((line) => line !== '')
  return lines.length === 0 ? '' : `      <system-out>${escaped(lines.join('\n'))}</system-out>\n`
}

function nothing(unmade: string, counts: Counts): string {
  return `  <testsuite name="tierlab"${countWords(counts)}>
    <testcase name="plan" classname="tierlab">
      <error type="not-run" message=${quoted(unmade)}/>
    </testcase>
  </testsuite>
`
}

function add(a: Counts, b: Counts): Counts {
  return {
    ...{ tests: a.tests + b.tests, failures: a.failures + b.failures, errors: a.errors + b.errors },
    ...{ skipped: a.skipped + b.skipped, ms: a.ms + b.ms },
  }
}

function countWords({ tests, failures, errors, skipped, ms }: Omit<Counts, 'skipped'> & Partial<Counts>): string {
  const rest = skipped === undefined ? '' : ` skipped="${skipped}"`
  return ` tests="${tests}" failures="${failures}" errors="${errors}"${rest} time="${seconds(ms)}"`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

/** Characters that XML 1.0 cannot hold, not even as references. Source: XML 1.0, production 2 (Char). */
const NOT_XML = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** A reader makes one newline of CR LF, unless it is a reference. */
function escaped(text: string): string {
  return text
    .replaceAll(NOT_XML, '\ufffd')
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
    .replaceAll('\r', '&#13;')
}

/** In an attribute, a reader makes blanks of tabs and newlines, unless they are references. */
function quoted(text: string): string {
  return `"${escaped(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`
}
