import type { GuestImage } from '../../guest/image.ts'
import type { BootImage } from '../../kernels/index.ts'
import { GuestLost, Interrupted, messageOf, ProtocolError } from '../base/errors.ts'
import type { LiveGuest } from '../checkpoint/checkpoint.ts'
import type { Guests } from '../checkpoint/guests.ts'
import { healthOf } from '../compare/health.ts'
import type { Accelerator } from '../machine/accelerator.ts'
import { type BootPlan, commandLine, type VirtualMachine } from '../machine/virtual-machine.ts'
import { isPin } from '../scenario.ts'
import type { Session } from '../session/session.ts'
import { isReboot } from '../steps/guest.ts'
import { VERSION } from '../version.ts'
import { optionsOf } from './again.ts'
import type { Cell, Emit, RunResult, Timings } from './events.ts'
import { type Excused, excusedBy } from './excused.ts'
import { type RunEnd, RunHead, type StepRecord } from './record.ts'
import type { RunFolder } from './run-folder.ts'
import { type Chapter, tell } from './story.ts'
import { History, takeStep, walkOf } from './take-step.ts'
import { judge, judgeStep, pinVerdict } from './verdict.ts'

export interface Bench {
  readonly accel: Accelerator
  readonly boot: BootImage
  readonly image: GuestImage
  readonly qemu: string
  readonly guests: Guests
  /** How many of the first steps others begin with too: the guest may have taken them already. */
  readonly shared: number
  /** Whether known issues are excused. */
  readonly known_issues: boolean
  /** Words added to the kernel's command line. */
  readonly extra?: readonly string[]
  readonly signal: AbortSignal
  readonly emit: Emit
  readonly before_end?: BeforeEnd | undefined
}

/** Called when all steps of a run were taken and none went wrong, while its guest is still there. */
export type BeforeEnd = (cell: Cell, session: Session) => Promise<void>

/**
 * Makes one run: starts a guest, goes through the steps, records each, and judges the record at the end. Whatever goes wrong is
 * in the verdict; a record that could not be kept leaves the folder's `problem`, and is never a pass.
 */
export async function execute(cell: Cell, bench: Bench, folder: RunFolder): Promise<RunResult> {
  return (await executeAnd(cell, bench, folder)).result
}

/** A run whose guest was kept. */
export interface Kept {
  readonly result: RunResult
  /** As the run has left it, to be ended by who has it; undefined where none has started. */
  readonly guest: LiveGuest | undefined
  /** How the run ended: the guest answers only where that is `complete`. */
  readonly end: RunEnd
  /** The last step that was taken to its end; 0 is the start. */
  readonly step: number
}

/** The same, and the guest is kept. `begun` is called when it has started, before anything is done in it. */
export async function executeAndKeep(
  cell: Cell,
  bench: Bench,
  folder: RunFolder,
  begun: (guest: LiveGuest) => Promise<void>,
): Promise<Kept> {
  return executeAnd(cell, bench, folder, begun)
}

async function executeAnd(cell: Cell, bench: Bench, folder: RunFolder, begun?: Work['begun']): Promise<Kept> {
  const { accel, extra } = bench
  const plan: BootPlan = {
    machine: cell.scenario.machine,
    image: bench.boot.path,
    initramfs: bench.image.initramfs,
    accelerator: accel.name,
    ...(cell.scenario.steps.some((item) => !isPin(item) && isReboot(item)) && { resets: true }),
    ...(extra !== undefined && { extra }),
  }
  const head = headOf(cell, bench, commandLine(plan))
  const chapters = tell(cell.scenario, cell.era)
  const isKept = await folder.begin(head).then(
    () => true,
    () => false,
  )
  const steps: StepRecord[] = []
  const started = performance.now()
  const keep = async (step: StepRecord) => {
    steps.push(step)
    await folder.step(step)
  }
  const work: Work = { cell, bench, plan, chapters, excused: excusedBy(head), folder: folder.path, keep, begun }
  const run = pinVerdict(chapters) || folder.problem ? nothing() : perform(work)
  const { guest, ...ended } = await run
  const end: RunEnd = { ...ended, total_ms: performance.now() - started }
  await folder.end(end).catch(() => {})
  const verdict = judge({ head, steps, end: kept(end, folder) })
  await folder.verdict(verdict).catch(() => {})
  const result: RunResult = {
    ...{
      cell,
      accel,
      start: end.start,
      fallback: end.fallback,
      verdict,
      record: isKept ? folder.path : null,
      command_line: head.command_line,
    },
    ...withOptions(head),
    timings_ms: timingsOf(steps, end),
  }
  return { result, guest, end, step: steps.at(-1)?.index ?? 0 }
}

/** For a result: nothing where all was left as it is by itself. */
export function withOptions(head: RunHead): Pick<RunResult, 'options'> {
  const options = optionsOf(head)
  return options.length === 0 ? {} : { options }
}

type Ended = Omit<RunEnd, 'total_ms'> & { readonly guest?: LiveGuest | undefined }

const NOT_STARTED = { start: 'boot', fallback: '', restored_after: 0, start_ms: 0 } as const

async function nothing(): Promise<Ended> {
  return { kind: 'complete', reason: '', messages: [], ...NOT_STARTED }
}

/**
 * Where the record could not be kept, that is how the run ended: what cannot be read again was not seen, and a console
 * that could not be written is no silent guest. A panic that was seen all the same counts.
 */
function kept(end: RunEnd, { problem }: RunFolder): RunEnd {
  if (problem === null || healthOf(end.messages, null)) return end
  return { ...end, kind: 'host', reason: problem.message }
}

interface Work {
  readonly cell: Cell
  readonly bench: Bench
  readonly plan: BootPlan
  readonly chapters: readonly Chapter[]
  readonly excused: Excused
  readonly folder: string
  readonly keep: (step: StepRecord) => Promise<void>
  /** Whoever is told that the guest has begun will end it. */
  readonly begun: ((guest: LiveGuest) => Promise<void>) | undefined
}

/** Everything that needs the guest. Whatever goes wrong becomes the way in which the run ended. */
async function perform({ cell, bench, plan, chapters, excused, folder, keep, begun }: Work): Promise<Ended> {
  const waiting = (step: number, what: string) =>
    bench.emit({ type: 'waiting', cell, step, steps: chapters.length - 1, what })
  const started = performance.now()
  let began: Pick<RunEnd, 'start' | 'fallback' | 'restored_after' | 'start_ms'> = NOT_STARTED
  let position = 0
  let kept: LiveGuest | undefined
  let isRight = true
  let vm: VirtualMachine | undefined
  try {
    if (bench.signal.aborted) throw new Interrupted('interrupted')
    waiting(0, 'start')
    const beginning = chapters.slice(0, bench.shared + 1)
    const guest = await bench.guests.start(plan, folder, bench.shared > 0 ? walkOf(beginning, excused) : undefined)
    vm = guest.vm
    if (begun) kept = guest
    await begun?.(guest)
    const history = History.parse(guest.history ?? [])
    const { start, fallback } = guest
    began = { start, fallback, restored_after: Math.max(0, history.length - 1), start_ms: performance.now() - started }
    let previous: StepRecord | null = null
    for (const step of history) {
      await keep(step)
      previous = step
      position = vm.console.position
    }
    for (const chapter of chapters.slice(history.length)) {
      waiting(chapter.index, chapter.title)
      const step: StepRecord = await takeStep(guest.session, chapter, previous, position)
      position = vm.console.position
      await keep(step)
      await guest.clock
      if (judgeStep(chapter, step, previous, excused)) {
        isRight = false
        break
      }
      previous = step
    }
    // A guest that went wrong may answer nothing more, and what is asked of it then must not be how the run ended.
    if (isRight) await bench.before_end?.(cell, guest.session)
    return { kind: 'complete', reason: '', messages: [], ...began, guest: kept }
  } catch (error) {
    const kind = bench.signal.aborted ? 'interrupted' : kindOf(error)
    if (kept === undefined) await vm?.qemu.kill()
    return { kind, reason: messageOf(error), messages: vm?.console.since(position) ?? [], ...began, guest: kept }
  } finally {
    if (kept === undefined) await vm?.[Symbol.asyncDispose]()
  }
}

function kindOf(error: unknown): RunEnd['kind'] {
  if (error instanceof GuestLost) return error.how
  if (error instanceof ProtocolError) return 'protocol'
  if (error instanceof Interrupted) return 'interrupted'
  return 'host'
}

function headOf(cell: Cell, bench: Bench, command_line: string): RunHead {
  const { spec, name, release, hash } = cell.kernel
  const { family, packages } = bench.image.userland
  return {
    tierlab: VERSION,
    scenario: RunHead.shape.scenario.parse(cell.scenario),
    file: cell.file,
    kernel: { spec, name, release, hash },
    era: cell.era.name,
    accel: bench.accel,
    boot: { entry: bench.boot.entry, reason: bench.boot.reason },
    qemu: bench.qemu,
    userland: { family, packages: [...packages] },
    guest: bench.image.hash,
    command_line,
    known_issues: bench.known_issues,
    started_at: new Date().toISOString(),
  }
}

/** Milliseconds, whole, for reports. */
export function timingsOf(steps: readonly StepRecord[], end: RunEnd): Timings {
  const own = steps.filter(({ index }) => end.restored_after === 0 || index > end.restored_after)
  const sum = (of: (step: StepRecord) => number) => Math.round(own.reduce((total, step) => total + of(step), 0))
  return {
    start: Math.round(end.start_ms),
    steps: sum(({ duration_ms }) => duration_ms),
    observe: sum(({ observe_ms }) => observe_ms),
    total: Math.round(end.total_ms),
  }
}
