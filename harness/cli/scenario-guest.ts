import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../base/errors.ts'
import { Store } from '../base/store.ts'
import type { LiveGuest } from '../checkpoint/checkpoint.ts'
import { Guests } from '../checkpoint/guests.ts'
import { qemuBuild } from '../checkpoint/qemu-build.ts'
import { reportFor } from '../report/report.ts'
import type { Cell, RunResult } from '../run/events.ts'
import { type Bench, executeAndKeep } from '../run/execute.ts'
import { loadScenarios } from '../run/load.ts'
import { plan, skipReason } from '../run/plan.ts'
import { RunFolder } from '../run/run-folder.ts'
import { type Chapter, tell } from '../run/story.ts'
import { type Prepared, prepare } from '../run/suite.ts'
import { upTo } from '../run/up-to.ts'
import { isPass } from '../run/verdict.ts'
import { statusOfResults } from './exit-status.ts'
import { NEEDS, requirePrograms } from './host-check.ts'
import type { Interrupt } from './interrupt.ts'
import type { GuestOptions } from './lone-guest.ts'

/** What is done with the guest of a scenario. */
export interface Visit {
  /** It has started, and nothing has been done in it. */
  begun(guest: LiveGuest, prepared: Prepared): Promise<void>
  /** It is at the step that was asked for, or where that could not be reached: then `answers` may be false. */
  reached(guest: LiveGuest, prepared: Prepared, answers: boolean): Promise<number>
}

/** The step at which the run has ended: the first that was not as it must be, or the last. */
function atStep({ verdict }: RunResult, { scenario, era }: Cell): number {
  const last = tell(scenario, era).length - 1
  return isPass(verdict) ? last : (verdict.step ?? last)
}

/** Where in the scenario one is, and what would come next. */
export function whereWords(chapters: readonly Chapter[], step: number): string {
  const title = (index: number) => chapters[index]?.title ?? ''
  const here = `The guest is after step ${step} of ${chapters.length - 1}, ${title(step)}.`
  return step + 1 < chapters.length ? `${here} Next would be: ${title(step + 1)}.` : here
}

/**
 * Makes a run of the scenario as far as a step, tells it on standard error as a run is told, and goes on in its guest.
 * Resolves to what `reached` does, or the status of the run where no guest came of it. The guest ends with this.
 * Throws UsageError for a file, a step or a kernel that does not fit.
 */
export async function withGuestAt(
  file: string,
  options: GuestOptions & { readonly after?: string },
  interrupt: Interrupt,
  visit: Visit,
): Promise<number> {
  requirePrograms(NEEDS.guest)
  const loaded = await loadScenarios([file])
  const [one] = loaded
  if (one === undefined || loaded.length > 1)
    throw new UsageError(`${file} has ${loaded.length} scenarios; name the file of one of them.`)
  const work = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tierlab-shell-'))
    const { stderr: err } = process
    const report = reportFor([], { out: err, err, verbose: options.verbose ?? false })
    let isTold = false
    const told = () => {
      if (!isTold) report.close()
      isTold = true
    }
    try {
      const { event: emit } = report
      const { signal } = interrupt
      const store = new Store()
      const started = performance.now()
      const { accel, userland, extra } = options
      const ready = await prepare(options.kernel, store, {
        ...{ accel, signal, emit, ...(userland !== undefined && { userland }) },
      })
      const [whole] = plan([one], [ready.kernel])
      if (whole === undefined) throw new RangeError('a plan of one scenario and one kernel is one run')
      const skip = skipReason(whole)
      if (skip !== null) throw new UsageError(`${file} cannot be run on ${ready.kernel.name}: ${skip}.`)
      const { after } = options
      const cell = after === undefined ? whole : { ...whole, scenario: upTo(whole.scenario, whole.era, after) }
      const qemu = await qemuBuild()
      const log = (sentence: string) => emit({ type: 'note', sentence })
      const guests = new Guests({ store, qemu, signal, log }, { fresh: options.fresh ?? false })
      const bench: Bench = {
        ...{ accel: ready.accel, boot: ready.boot, image: ready.image, qemu: qemu.words, guests, shared: 0 },
        ...{ known_issues: true, signal, emit, ...(extra !== undefined && { extra }) },
      }
      emit({ type: 'plan', cells: [cell], accel: [ready.accel] })
      emit({ type: 'begin', cell })
      const { result, guest, end } = await executeAndKeep(cell, bench, new RunFolder(folder), (guest) =>
        visit.begun(guest, ready),
      )
      await using _ = guest?.vm
      // The record goes with the guest.
      emit({ type: 'end', result: { ...result, record: null } })
      emit({ type: 'finish', results: [result], duration_ms: performance.now() - started })
      told()
      if (guest === undefined || signal.aborted) return statusOfResults([result])
      const answers = end.kind === 'complete'
      if (answers) err.write(`${whereWords(tell(whole.scenario, whole.era), atStep(result, cell))}\n`)
      const status = await visit.reached(guest, ready, answers)
      return answers ? status : statusOfResults([result])
    } finally {
      told()
      await rm(folder, { recursive: true, force: true })
    }
  }
  return interrupt.during(work())
}
