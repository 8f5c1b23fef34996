import { createHash } from 'node:crypto'
import { parse } from 'node:path'
import { KNOWN_ISSUES } from '../model/known-issues.ts'
import type { VerdictName } from '../run/verdict.ts'
import { findingLines } from './finding.ts'
import { styleFor } from './style.ts'
import { byKernel, type Planned, runName, type Told } from './told.ts'

const PLAIN = styleFor({ write: () => {} })
const ORIGIN = 'tierlab'

/**
 * A report for KernelCI's common database, of I/O schema 5.0: a checkout and a build for each kernel, a test for each run,
 * and an incident for each known issue that was met. Source: kernelci/kcidb-io, kcidb_io/schema/v05_00.py.
 */
export function kcidb({ runs, unmade }: Told): string {
  const kernels = byKernel(runs)
  const tests = runs.map((run) => testOf(run, unmade))
  const incidents = runs.flatMap((run, index) => incidentOf(run, tests[index]?.id ?? ''))
  const met = new Set(incidents.map(({ issue_id }) => issue_id))
  const document = {
    version: { major: 5, minor: 0 },
    checkouts: kernels.map(([name]) => ({ id: idOf(name), origin: ORIGIN, comment: name, valid: true })),
    builds: kernels.map(([name, own]) => ({
      ...{ checkout_id: idOf(name), id: idOf(name), origin: ORIGIN, comment: own[0]?.cell.kernel.release ?? name },
      ...{ architecture: 'x86_64', status: 'PASS' },
    })),
    tests,
    issues: KNOWN_ISSUES.filter(({ id }) => met.has(idOf(id))).map(({ id, reason, reference }) => ({
      ...{ id: idOf(id), version: 1, origin: ORIGIN, culprit: { code: true, tool: false, harness: false } },
      comment: `${reason} (${reference})`,
    })),
    incidents,
  }
  return `${JSON.stringify(document, withoutNul, 2)}\n`
}

/** ERROR: it was begun, and nobody can tell; MISS: it was not even begun. */
const STATUSES: Readonly<Record<VerdictName, 'PASS' | 'FAIL' | 'ERROR' | 'SKIP'>> = {
  ...{ pass: 'PASS', fail: 'FAIL', splat: 'FAIL', crash: 'FAIL', hang: 'FAIL', known: 'FAIL' },
  ...{ broken: 'ERROR', skip: 'SKIP' },
}

/** The schema's bound of log_excerpt. */
const EXCERPT = 16_384

function testOf({ cell, result }: Planned, unmade: string) {
  const about = {
    ...{ build_id: idOf(cell.kernel.name), origin: ORIGIN, path: pathOf(cell.file), comment: runName(cell) },
  }
  const which = [cell.kernel.name, cell.file, runName(cell)]
  if (result === undefined)
    return { id: idOf(digest(which)), ...about, status: 'MISS', misc: { verdict: 'not-run', reason: unmade } }
  const { verdict, accel, start, timings_ms, record, command_line } = result
  const told = verdict.verdict === 'pass' || verdict.verdict === 'skip' ? [] : findingLines(result, PLAIN, 1000)
  return {
    // The same record told again is the same test; another night's is another.
    id: idOf(digest([...which, record, timings_ms.total])),
    ...about,
    status: STATUSES[verdict.verdict],
    duration: timings_ms.total / 1000,
    ...(told.length > 0 && { log_excerpt: bounded(told.join('\n')) }),
    environment: { comment: 'a guest of QEMU', misc: { accel: accel.name, start, command_line } },
    misc: {
      ...{ verdict: verdict.verdict, reason: verdict.reason, file: cell.file },
      ...(verdict.step !== null && { step: verdict.step }),
    },
  }
}

function incidentOf({ result }: Planned, test_id: string) {
  if (result?.verdict.verdict !== 'known') return []
  const issue = KNOWN_ISSUES.find(({ id }) => result.verdict.reason.startsWith(`${id}: `))
  if (issue === undefined) return []
  return [
    {
      id: idOf(digest([issue.id, test_id])),
      origin: ORIGIN,
      issue_id: idOf(issue.id),
      issue_version: 1,
      test_id,
      present: true,
    },
  ]
}

function idOf(text: string): string {
  return `${ORIGIN}:${text}`
}

/** `tierlab.kmem.a-claim`, of folder and file. */
function pathOf(file: string): string {
  const { dir, name } = parse(file)
  const word = (text: string) => text.replaceAll(/[^a-zA-Z0-9_-]+/g, '-')
  const parts = [ORIGIN, dir.split('/').at(-1) ?? '', name]
  return parts
    .map(word)
    .filter((part) => part !== '')
    .join('.')
}

function digest(about: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 32)
}

/** Of whole characters: the schema counts code points. */
function bounded(text: string): string {
  const characters = [...text]
  return characters.length <= EXCERPT ? text : characters.slice(0, EXCERPT).join('')
}

/** The database takes no NUL in a string. */
function withoutNul(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '') : value
}
