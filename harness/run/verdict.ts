import { demotionLogDifferences } from '../compare/demotion-log.ts'
import { expect } from '../compare/expect.ts'
import { type Difference, differences } from '../compare/expectation.ts'
import { type HealthFinding, healthOf } from '../compare/health.ts'
import { namesIn } from '../compare/names.ts'
import { workloadDifferences } from '../compare/workload.ts'
import { eraNamed } from '../model/eras.ts'
import type { KnownIssue, Seen } from '../model/known-issues.ts'
import type { Outcome } from '../model/outcome.ts'
import { isReboot } from '../steps/guest.ts'
import { type Excused, excusedBy } from './excused.ts'
import type { RunRecord, StepRecord } from './record.ts'
import { type Chapter, tell } from './story.ts'

/**
 * `pass`; `fail`: kernel and model disagree; `splat`: the kernel complained; `crash`: it panicked or was lost after
 * boot; `hang`: a command or the guest went silent; `known`: it went wrong just as a known issue says; `broken`: we
 * could not tell; `skip`: not for this kernel.
 */
export const VERDICTS = ['pass', 'fail', 'splat', 'crash', 'hang', 'known', 'broken', 'skip'] as const
export type VerdictName = (typeof VERDICTS)[number]

/** Whether a verdict is as it was expected: nothing for which to stop, or to fail. */
export function isExpected(verdict: Pick<Verdict, 'verdict'>): boolean {
  return isPass(verdict) || verdict.verdict === 'skip'
}

/** Whether a run was made, and nothing in it was unexpected. */
export function isPass({ verdict }: Pick<Verdict, 'verdict'>): boolean {
  return verdict === 'pass' || verdict === 'known'
}

/** Whether a kernel disagreed, complained, crashed or hung. */
export function isFailure({ verdict }: Pick<Verdict, 'verdict'>): boolean {
  return verdict === 'fail' || verdict === 'splat' || verdict === 'crash' || verdict === 'hang'
}

export interface Verdict {
  readonly verdict: VerdictName
  /** A sentence; empty for a pass. */
  readonly reason: string
  /** The step at which it was seen; null when at none. */
  readonly step: number | null
  readonly differences: readonly Difference[]
  /** The kernel's own words, when it complained. */
  readonly excerpt: readonly string[]
}

const PASS: Verdict = { verdict: 'pass', reason: '', step: null, differences: [], excerpt: [] }

/** The verdict on a whole record: the first step that is not as it must be, else how the run ended. Pure. */
export function judge(record: RunRecord): Verdict {
  const chapters = tell(record.head.scenario, eraNamed(record.head.era))
  const excused = excusedBy(record.head)
  const wrong = pinVerdict(chapters)
  if (wrong) return wrong
  for (const [index, step] of record.steps.entries()) {
    const chapter = chapters[index]
    if (chapter === undefined) return broken('The record has more steps than its scenario.', index)
    const verdict = judgeStep(chapter, step, record.steps[index - 1] ?? null, excused)
    if (verdict) return verdict
  }
  const next = chapters[record.steps.length]
  const verdict = endVerdict(record, chapters)
  if (next !== undefined) return withKnownIssue(verdict, excused(next.outcome.world))
  return verdict.verdict === 'pass' ? (flawVerdict(chapters, record, excused) ?? verdict) : verdict
}

/** Known, at the first step that showed an issue from which it went on; null when none did. */
function flawVerdict(chapters: readonly Chapter[], { steps }: RunRecord, excused: Excused): Verdict | null {
  for (const [index, step] of steps.entries()) {
    const chapter = chapters[index]
    const issue = chapter && flawOf(chapter, step, steps[index - 1] ?? null, excused)
    if (issue) return { ...PASS, verdict: 'known', reason: knownReason(issue), step: index }
  }
  return null
}

/** Broken when pins and model disagree: then nothing that a kernel shows would mean anything. */
export function pinVerdict(chapters: readonly Chapter[]): Verdict | null {
  const chapter = chapters.find(({ disagreements }) => disagreements.length > 0)
  if (chapter === undefined) return null
  return broken(`Pins and model disagree after “${chapter.title}”: ${chapter.disagreements.join('; ')}.`, chapter.index)
}

/** Null when the step is as it must be. Nothing can be told behind a known issue, whether it was seen or not. */
export function judgeStep(
  chapter: Chapter,
  step: StepRecord,
  previous: StepRecord | null,
  excused: Excused,
): Verdict | null {
  const verdict = stepVerdict(chapter, step, previous)
  if (verdict && flawOf(chapter, step, previous, excused)) return null
  const issue = excused(chapter.outcome.world)
  if (verdict || issue === undefined) return verdict && withKnownIssue(verdict, issue)
  if (issue.may_hide)
    return { ...PASS, verdict: 'known', reason: `${knownReason(issue)} Nothing was seen of it.`, step: step.index }
  const reason =
    `The known issue “${issue.id}” did not show after “${step.title}”: if this kernel has it no more, say so where ` +
    'known issues are kept.'
  return { ...PASS, verdict: 'fail', reason, step: step.index }
}

/** The known issue that a step shows from which one can go on; undefined when it shows none. */
function flawOf(
  chapter: Chapter,
  step: StepRecord,
  previous: StepRecord | null,
  excused: Excused,
): KnownIssue | undefined {
  const { flaws = [], world } = chapter.outcome
  const verdict = flaws.length === 0 ? null : stepVerdict(chapter, step, previous)
  if (verdict === null) return undefined
  const issues = flaws.flatMap((condition) => excused({ ...world, conditions: [condition] }) ?? [])
  return issues.find((issue) => isNothingBut(verdict, issue))
}

/** A complaint of these words and no difference, or differences of which each is of these words. */
function isNothingBut({ verdict, differences, excerpt }: Verdict, { seen }: KnownIssue): boolean {
  return seen.some((way) => {
    const has = (text: string) => way.words.every((word) => text.includes(word))
    if (verdict !== way.verdict) return false
    return verdict === 'fail'
      ? differences.every(({ path }) => has(path))
      : differences.length === 0 && has(excerpt.join('\n'))
  })
}

/** What goes wrong just as a known issue says is known; everything else is what it is. */
function withKnownIssue(verdict: Verdict, issue: KnownIssue | undefined): Verdict {
  if (issue === undefined) return verdict
  const text = [...verdict.excerpt, ...verdict.differences.map(({ path }) => path)].join('\n')
  const isSeen = (way: Seen) => way.verdict === verdict.verdict && way.words.every((word) => text.includes(word))
  if (!issue.seen.some(isSeen)) return verdict
  return { ...verdict, verdict: 'known', reason: knownReason(issue) }
}

function knownReason({ id, reason, reference }: KnownIssue): string {
  return `${id}: ${reason} (${reference})`
}

/** Order: the kernel's own complaint, silence, then differences. */
function stepVerdict(chapter: Chapter, step: StepRecord, previous: StepRecord | null): Verdict | null {
  const found = stepDifferences(chapter, step, previous)
  const at = { step: step.index, differences: found }
  const health = healthOf(step.messages, taintOf(step, previous))
  if (health) return { ...healthVerdict(health, `after “${step.title}”`), ...at }
  if (step.timed_out)
    return {
      verdict: 'hang',
      reason: `“${step.title}” was still running at its limit and was killed.`,
      ...at,
      excerpt: [],
    }
  if (found.length === 0) return null
  return { verdict: 'fail', reason: `After “${step.title}” the kernel differs from the model.`, ...at, excerpt: [] }
}

/** Of several orders that are right, the first from which nothing differs; else what differs from the first of all. */
function stepDifferences(chapter: Chapter, step: StepRecord, previous: StepRecord | null): Difference[] {
  const { orders } = chapter.outcome
  if (orders === undefined) return outcomeDifferences(chapter.outcome, chapter.step, step, previous)
  const found = orders.map((order) => outcomeDifferences(order, chapter.step, step, previous))
  return found.find(({ length }) => length === 0) ?? found[0] ?? []
}

function outcomeDifferences(
  outcome: Outcome,
  given: Chapter['step'],
  step: StepRecord,
  previous: StepRecord | null,
): Difference[] {
  const failed = outcome.failing !== undefined && step.status !== 0
  const world = failed ? outcome.failing : outcome.world
  const names = namesIn(world, { files: step.files, messages: [] })
  return [
    ...(failed ? [] : answerDifferences(outcome, given?.refuses?.says, step)),
    ...rebooted(step, previous, given !== null && isReboot(given)),
    ...differences(expect(world, names), step.files),
    ...demotionLogDifferences(world, step.messages),
    ...workloadDifferences(world, step.files, previous?.files ?? {}),
  ]
}

const ANSWER_RULE = 'a command is refused where the model says so, for the reason that it says, and nowhere else'

function answerDifferences(outcome: Chapter['outcome'], says: string | undefined, step: StepRecord): Difference[] {
  if (step.timed_out) return []
  const path = `exit status of \`${step.script.trim()}\``
  const observed = `${step.status}${step.stderr ? ` (${step.stderr.trim().split('\n').slice(-3).join('; ')})` : ''}`
  if (outcome.status === 0) return step.status === 0 ? [] : [{ path, expected: '0', observed, rule: ANSWER_RULE }]
  const words = [outcome.words, ...(says === undefined ? [] : [says])]
  const missing = words.filter((word) => !step.stderr.includes(word))
  if (step.status === outcome.status && missing.length === 0) return []
  return [{ path, expected: `${outcome.status} (${words.join('; ')})`, observed, rule: ANSWER_RULE }]
}

/** A guest boots once in a scenario, and once more in a step that says so. */
function rebooted(step: StepRecord, previous: StepRecord | null, must: boolean): Difference[] {
  const path = '/proc/sys/kernel/random/boot_id'
  const [before, after] = [previous?.files[path], step.files[path]]
  if (previous === null || (before !== after) === must) return []
  return must
    ? [{ path, expected: '(another)', observed: after ?? '', rule: 'a guest that is reset boots again' }]
    : [{ path, expected: before ?? '', observed: after ?? '', rule: 'a guest boots once in a scenario' }]
}

function taintOf(step: StepRecord, previous: StepRecord | null): { before: string; after: string } | null {
  const path = '/proc/sys/kernel/tainted'
  const after = step.files[path]
  return after === undefined ? null : { before: previous?.files[path] ?? '0', after }
}

const NO_BOOT = 'The guest did not boot'

/** A kernel that one has broken on purpose may be told by that; of any other it says nothing. */
export function didNotBoot({ verdict, reason }: Verdict): boolean {
  return verdict === 'broken' && reason.startsWith(NO_BOOT)
}

const INTERRUPTED = 'interrupted'

/** What was cut off before anything could be told: it counts among the runs that were not made. */
export function wasInterrupted({ verdict, reason }: Pick<Verdict, 'verdict' | 'reason'>): boolean {
  return verdict === 'broken' && reason === INTERRUPTED
}

function endVerdict({ end, steps }: RunRecord, chapters: readonly Chapter[]): Verdict {
  const health = healthOf(end.messages, null)
  const at = steps.length
  switch (end.kind) {
    case 'complete':
      return steps.length === chapters.length ? PASS : broken('The record is incomplete.', at)
    case 'no-boot':
      return { ...broken(`${NO_BOOT}: ${end.reason}`, 0), excerpt: health?.excerpt ?? [] }
    case 'exited':
      if (health) return { ...healthVerdict(health, nextTitle(chapters, at)), step: at }
      return { ...PASS, verdict: 'crash', reason: `The guest went away without a word: ${end.reason}`, step: at }
    case 'silent':
      if (health) return { ...healthVerdict(health, nextTitle(chapters, at)), step: at }
      return { ...PASS, verdict: 'hang', reason: end.reason, step: at }
    case 'killed':
      return broken(`QEMU was killed from outside: ${end.reason}`, at)
    case 'protocol':
      // An answer that is no answer may be the work of a kernel that said what had happened to it.
      if (health) return { ...healthVerdict(health, nextTitle(chapters, at)), step: at }
      return broken(end.reason, at)
    case 'host':
      return broken(end.reason, at)
    case 'interrupted':
      return broken(INTERRUPTED, at)
  }
}

function nextTitle(chapters: readonly Chapter[], index: number): string {
  return `during “${chapters[index]?.title ?? 'the end'}”`
}

function healthVerdict({ complaint, name, excerpt }: HealthFinding, when: string): Verdict {
  const verdict = complaint === 'panic' ? 'crash' : 'splat'
  const first = excerpt.find((line) => !line.includes('cut here')) ?? ''
  return { verdict, reason: `${name} ${when}: ${first}`, step: null, differences: [], excerpt }
}

function broken(reason: string, step: number): Verdict {
  return { verdict: 'broken', reason, step, differences: [], excerpt: [] }
}
