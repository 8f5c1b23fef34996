import { shellLine } from '../../base/shell-words.ts'
import { eraNamed } from '../../model/eras.ts'
import { runAgain } from '../../run/again.ts'
import type { RunResult } from '../../run/events.ts'
import type { RunRecord, StepRecord } from '../../run/record.ts'
import { type Chapter, tell } from '../../run/story.ts'
import { isPin, type Pin, type Scenario } from '../../scenario.ts'
import { consoleLines } from './console-lines.ts'
import { CHANGE_LIMITS, fileChanges } from './file-changes.ts'
import { machineView } from './machine-view.ts'
import { expectedState, type LoggedTargets, observedState, withLogged } from './state.ts'
import type { ConsoleLine, RunDetail, StepDetail } from './view/data.ts'

export const DETAIL_LIMITS = { differences: 200, output: 4000 } as const

/** Ways to end after which the guest is gone; after all others it is we who have ended. */
const LOST: ReadonlySet<RunRecord['end']['kind']> = new Set(['no-boot', 'exited', 'killed', 'silent'])

export interface Told {
  /** Without the boot's log, which many runs share. */
  readonly detail: Omit<RunDetail, 'boot_log'>
  readonly boot_log: readonly ConsoleLine[]
}

/** All that the page tells of one run, made of its record and the verdict on it. Pure. */
export function runDetail(result: RunResult, record: RunRecord, judged_then: string | null): Told {
  const { verdict, timings_ms } = result
  const { differences } = verdict
  const steps = stepsOf(result, record)
  const [boot, ...others] = steps
  return {
    detail: {
      ...{ verdict: verdict.verdict, reason: verdict.reason, step: verdict.step, judged_then },
      differences: differences.slice(0, DETAIL_LIMITS.differences),
      more_differences: Math.max(0, differences.length - DETAIL_LIMITS.differences),
      excerpt: verdict.excerpt,
      facts: factsOf(result, record),
      commands: commandsOf(result),
      machine: machineView(record.head.scenario.machine),
      steps: boot === undefined ? [] : [{ ...boot, console: [] }, ...others],
      ...{ started_by: result.start, start_ms: timings_ms.start, total_ms: timings_ms.total },
    },
    boot_log: boot?.console ?? [],
  }
}

function factsOf({ cell, accel, start, fallback, record: path }: RunResult, { head, end }: RunRecord) {
  const facts: [string, string][] = [
    ['kernel', `${cell.kernel.name} (${cell.kernel.release}), asked for as ${head.kernel.spec}`],
    ['model', `era ${cell.era.name}`],
    ['claim', `for kernels ${cell.scenario.kernels}`],
    ['began', `${head.started_at}, ${start === 'restore' ? 'restored from a checkpoint' : 'booted'}`],
    ...(fallback === '' ? [] : [['not restored', fallback] as [string, string]]),
    ['accelerator', `${accel.name}: ${accel.reason}`],
    ['QEMU', head.qemu],
    ['guest', `${userlandWords(head.userland)}; entry ${head.boot.entry}`],
    ...(end.kind === 'complete' ? [] : [['ended', `${end.kind}: ${end.reason}`] as [string, string]]),
    ...(head.known_issues ? [] : [['known issues', 'not excused'] as [string, string]]),
    ...(path === null ? [] : [['record', path] as [string, string]]),
    ['tierlab', head.tierlab],
  ]
  return facts
}

function userlandWords({ family, packages }: RunRecord['head']['userland']): string {
  const tools = packages.filter(({ name }) => ['ndctl', 'daxctl', 'cxl', 'busybox-static'].includes(name))
  return [family, ...tools.map(({ name, version }) => `${name} ${version}`)].join(', ')
}

function commandsOf(result: RunResult) {
  const { cell, record, command_line } = result
  return [
    { name: 'run again', line: runAgain(result) },
    ...(record === null ? [] : [{ name: 'judge the record', line: shellLine(['npx', 'tierlab', 'judge', record]) }]),
    { name: 'what the model says', line: shellLine(['npx', 'tierlab', 'explain', cell.file, '--era', cell.era.name]) },
    ...(command_line === '' ? [] : [{ name: 'boot the guest by hand', line: command_line }]),
  ]
}

function stepsOf({ verdict }: RunResult, { head, steps, end }: RunRecord): StepDetail[] {
  const era = eraNamed(head.era)
  const pins = pinsByStep(head.scenario)
  let logged: LoggedTargets = new Map()
  return tell(head.scenario, era).map((chapter, index) => {
    const step = steps[index]
    const ended = step === undefined && index === steps.length && end.kind !== 'complete'
    const lost = ended && LOST.has(end.kind)
    if (step) logged = withLogged(logged, step.messages)
    const changes = step && index > 0 ? fileChanges(steps[index - 1]?.files ?? {}, step.files) : []
    return {
      ...{ index, title: chapter.title, mark: markOf(verdict, index, step, lost) },
      restored: end.restored_after > 0 && index <= end.restored_after,
      ...answerOf(step),
      refused: chapter.outcome.status === 0 ? null : `${chapter.outcome.words}, exit status ${chapter.outcome.status}`,
      pins: pinWords(chapter, pins[index] ?? []),
      observed: step
        ? observedState(step.files, era.logs_demotion_targets ? logged : null, chapter.outcome.world.workload)
        : null,
      expected: expectedState(chapter.outcome.world),
      changes: changes.slice(0, CHANGE_LIMITS.changes),
      more_changes: Math.max(0, changes.length - CHANGE_LIMITS.changes),
      console: consoleLines(step?.messages ?? (ended ? end.messages : [])),
    }
  })
}

function markOf(
  { verdict, step }: RunResult['verdict'],
  index: number,
  record: StepRecord | undefined,
  lost: boolean,
): StepDetail['mark'] {
  if (index === step && verdict === 'known') return 'known'
  if (record === undefined) return lost ? 'lost' : 'unreached'
  if (index === step && verdict !== 'pass') return 'bad'
  return step !== null && index > step ? 'unjudged' : 'good'
}

function answerOf(step: StepRecord | undefined) {
  if (step === undefined)
    return { script: '', status: null, stdout: '', stderr: '', timed_out: false, duration_ms: 0, observe_ms: 0 }
  const { script, status, timed_out, duration_ms, observe_ms } = step
  return { script, status, stdout: short(step.stdout), stderr: short(step.stderr), timed_out, duration_ms, observe_ms }
}

function short(text: string): string {
  const half = DETAIL_LIMITS.output / 2
  if (text.length <= DETAIL_LIMITS.output) return text
  return `${text.slice(0, half)}\n… ${text.length - 2 * half} characters left out …\n${text.slice(-half)}`
}

/** The pins that stand behind each step, from the start on. */
function pinsByStep(scenario: Scenario): Pin[][] {
  const pins: Pin[][] = [[]]
  for (const item of scenario.steps) {
    if (isPin(item)) pins.at(-1)?.push(item)
    else pins.push([])
  }
  return pins
}

function pinWords({ disagreements }: Chapter, pins: readonly Pin[]): string[] {
  const words = pins.map(({ shows, kernels }) => `${JSON.stringify(shows)} for kernels ${kernels}`)
  return [...words, ...disagreements.map((sentence) => `The model disagrees: ${sentence}`)]
}
