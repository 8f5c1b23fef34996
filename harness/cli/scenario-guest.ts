import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kernel } from '../../kernels/index.ts'
import { Interrupted, UsageError } from '../base/errors.ts'
import { Store } from '../base/store.ts'
import { Guests } from '../checkpoint/guests.ts'
import { qemuBuild } from '../checkpoint/qemu-build.ts'
import { reportFor } from '../report/report.ts'
import type { Cell } from '../run/events.ts'
import { type Bench, executeAndKeep, type Kept } from '../run/execute.ts'
import { loadScenarios } from '../run/load.ts'
import { type LoadedScenario, plan, skipReason } from '../run/plan.ts'
import { RunFolder } from '../run/run-folder.ts'
import { type Chapter, tell } from '../run/story.ts'
import { checkCell, type Prepared, prepare } from '../run/suite.ts'
import { upTo } from '../run/up-to.ts'
import type { Session } from '../session/session.ts'
import { statusOfResults } from './exit-status.ts'
import { NEEDS, requirePrograms } from './host-check.ts'
import type { Interrupt } from './interrupt.ts'
import type { GuestOptions } from './lone-guest.ts'

export interface StepOptions extends GuestOptions {
  /** The last step to be taken; the last of all when left out. */
  readonly after?: string
}

/** What is done with the guest of a scenario. */
export interface Visit {
  /** It has started, and nothing has been done in it. */
  begun(session: Session, prepared: Prepared): Promise<void>
  /** It is at the step that was asked for, or where that could not be reached: then `answers` may be false. */
  reached(session: Session, answers: boolean): Promise<number>
}

/** Where in the scenario one is, and what would come next. */
export function whereWords(chapters: readonly Chapter[], step: number): string {
  const title = (index: number) => chapters[index]?.title ?? ''
  const here = `The guest is after step ${step} of ${chapters.length - 1}, ${title(step)}.`
  return step + 1 < chapters.length ? `${here} Next would be: ${title(step + 1)}.` : here
}

/**
 * Makes a run of the scenario as far as a step, tells it on standard error as a run is told, and goes on in its guest.
 * Resolves to what `reached` does, or the status of the run where the guest answers no more. The guest ends with this.
 * Throws UsageError for a file, a step or a kernel that does not fit.
 */
export async function withGuestAt(
  file: string,
  options: StepOptions,
  interrupt: Interrupt,
  visit: Visit,
): Promise<number> {
  requirePrograms(NEEDS.guest)
  const { signal } = interrupt
  const [one, ...others] = await loadScenarios([file])
  if (one === undefined || others.length > 0)
    throw new UsageError(`${file} has ${others.length + 1} scenarios; name the file of one of them.`)
  const work = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tierlab-shell-'))
    try {
      const { run, words } = await runAndTell(one, options, signal, folder, visit)
      const { result, guest } = run
      await using _ = guest?.vm
      if (signal.aborted) throw new Interrupted('Interrupted.')
      if (guest === undefined) return statusOfResults([result])
      const answers = run.end.kind === 'complete'
      if (answers) process.stderr.write(`${words}\n`)
      const status = await visit.reached(guest.session, answers)
      return answers ? status : statusOfResults([result])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return interrupt.during(work())
}

/** The run, whose record goes into `folder`, and the words for where its guest is. */
async function runAndTell(
  scenario: LoadedScenario,
  options: StepOptions,
  signal: AbortSignal,
  folder: string,
  visit: Visit,
): Promise<{ run: Kept; words: string }> {
  const { accel, userland, extra, fresh = false, verbose = false } = options
  const { stderr } = process
  const report = reportFor([], { out: stderr, err: stderr, verbose })
  const { event: emit } = report
  try {
    const started = performance.now()
    const store = new Store()
    const wish = { accel, signal, emit, ...(userland !== undefined && { userland }) }
    const ready = await prepare(options.kernel, store, wish)
    const [cell, whole] = cellsOf(scenario, ready.kernel, options.after)
    const qemu = await qemuBuild()
    const log = (sentence: string) => emit({ type: 'note', sentence })
    const guests = new Guests({ store, qemu, signal, log }, { fresh })
    const { boot, image } = ready
    const bench: Bench = {
      ...{ accel: ready.accel, boot, image, qemu: qemu.words, guests, shared: 0, known_issues: true, signal, emit },
      ...(extra !== undefined && { extra }),
    }
    emit({ type: 'plan', cells: [cell], accel: [ready.accel] })
    emit({ type: 'begin', cell })
    const run = await executeAndKeep(cell, bench, new RunFolder(folder), ({ session }) => visit.begun(session, ready))
    // The record goes with the guest.
    const result = { ...run.result, record: null }
    emit({ type: 'end', result })
    emit({ type: 'finish', results: [result], duration_ms: performance.now() - started })
    return { run, words: whereWords(tell(whole.scenario, whole.era), run.step) }
  } finally {
    report.close()
  }
}

/** The run as far as the step, and the one of which it is the beginning. */
function cellsOf(scenario: LoadedScenario, kernel: Kernel, after: string | undefined): [part: Cell, whole: Cell] {
  const [whole] = plan([scenario], [kernel])
  if (whole === undefined) throw new RangeError('a plan of one scenario and one kernel is one run')
  const skip = skipReason(whole)
  if (skip !== null) throw new UsageError(`${scenario.file} cannot be run on ${kernel.name}: ${skip}.`)
  checkCell(whole)
  return [after === undefined ? whole : { ...whole, scenario: upTo(whole.scenario, whole.era, after) }, whole]
}
