import type { VerdictName } from '../run/verdict.ts'
import { findingLines } from './finding.ts'
import { styleFor } from './style.ts'
import { byKernel, type Planned, runName, type Told } from './told.ts'
import { printable } from './width.ts'

const PLAIN = styleFor({ write: () => {} })

/**
 * KTAP version 1, as KUnit prints it: a test for each kernel, a subtest for each run, and diagnostics before the result
 * that they belong to. Source: Documentation/dev-tools/ktap.rst; tools/testing/kunit/kunit_parser.py reads it.
 */
export function ktap({ runs, unmade }: Told): string {
  const kernels = byKernel(runs)
  if (kernels.length === 0) return lines('KTAP version 1', '1..1', `not ok 1 plan # ERROR ${words(unmade)}`)
  const tests = kernels.flatMap(([kernel, own], index) => {
    const points = own.map((run, at) => pointOf(run, at + 1, unmade))
    const name = title(kernel)
    const head = ['KTAP version 1', `# Subtest: ${name}`, `1..${points.length}`]
    const ok = points.every((point) => point.ok)
    const skip = own.every(({ result }) => result?.verdict.verdict === 'skip') ? ' # SKIP all of it' : ''
    return [
      ...[...head, ...points.flatMap((point) => point.lines)].map((line) => `  ${line}`),
      `${ok ? 'ok' : 'not ok'} ${index + 1} ${name}${skip}`,
    ]
  })
  return lines('KTAP version 1', `1..${kernels.length}`, ...tests)
}

/** What each verdict is in KTAP; kselftest prints an expected failure as `ok`, which is what a reader falls back to. */
const RESULTS: Readonly<Record<VerdictName, { ok: boolean; directive: string }>> = {
  pass: { ok: true, directive: '' },
  fail: { ok: false, directive: '' },
  splat: { ok: false, directive: '' },
  crash: { ok: false, directive: '' },
  hang: { ok: false, directive: 'TIMEOUT' },
  known: { ok: true, directive: 'XFAIL' },
  broken: { ok: false, directive: 'ERROR' },
  skip: { ok: true, directive: 'SKIP' },
}

function pointOf({ cell, result }: Planned, number: number, unmade: string) {
  const name = title(runName(cell))
  if (result === undefined) return { ok: false, lines: [`not ok ${number} ${name} # ERROR not run: ${words(unmade)}`] }
  const { verdict, reason } = result.verdict
  const { ok, directive } = RESULTS[verdict]
  const told = verdict === 'pass' || verdict === 'skip' ? [] : findingLines(result, PLAIN, 1000)
  const why = [directive, words(reason)].filter((word) => word !== '').join(' ')
  const line = `${ok ? 'ok' : 'not ok'} ${number} ${name}${why === '' ? '' : ` # ${why}`}`
  return { ok, lines: [...told.map((text) => `# ${text}`), line] }
}

/** A description cannot hold `#`, nor begin with the dash that readers take away. */
function title(text: string): string {
  return words(text)
    .replaceAll('#', '%23')
    .replace(/^[-\s]+/, '')
}

function words(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ').trim())
}

function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('')
}
