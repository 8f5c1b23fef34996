import { z } from 'zod'
import { GuestCommandFailed, ProtocolError } from '../base/errors.ts'
import type { Walk } from '../checkpoint/checkpoint.ts'
import { namesIn } from '../compare/names.ts'
import type { Observation } from '../observe/observation.ts'
import { observe } from '../observe/observe.ts'
import type { Session } from '../session/session.ts'
import { faces, STEP_LIMIT_MS } from '../steps/step.ts'
import { VERSION } from '../version.ts'
import type { Excused } from './excused.ts'
import { typeIntoMonitor } from './monitor.ts'
import { StepRecord } from './record.ts'
import { beginningKey } from './shared-beginning.ts'
import type { Chapter } from './story.ts'
import { judgeStep } from './verdict.ts'

/** What was recorded of the steps that a guest comes with. */
export const History = z.array(StepRecord)

/** The beginning that several scenarios share, to be kept as a checkpoint with its records. */
export function walkOf(chapters: readonly Chapter[], excused: Excused): Walk {
  return {
    label: `behind ${chapters
      .slice(1)
      .map(({ title }) => title)
      .join('; ')}`,
    key: { tierlab: VERSION, steps: beginningKey(chapters) },
    take: async ({ session, vm }) => {
      const history: StepRecord[] = []
      let position = 0
      for (const chapter of chapters) {
        const previous = history.at(-1) ?? null
        const step = await takeStep(session, chapter, previous, position)
        position = vm.console.position
        // Who shares it would all begin with what is wrong: they had better see it for themselves.
        const verdict = judgeStep(chapter, step, previous, excused)
        if (verdict) throw new GuestCommandFailed(verdict.reason)
        history.push(step)
      }
      return z.json().parse(history)
    },
  }
}

/** Does the step of a chapter in the guest, and observes it. `since`: where the console was when the step before ended. */
export async function takeStep(
  session: Session,
  chapter: Chapter,
  previous: StepRecord | null,
  since: number,
): Promise<StepRecord> {
  const script = previous === null ? '' : scriptOf(chapter, { files: previous.files, messages: [] })
  const limit_ms = chapter.step?.limit_ms ?? STEP_LIMIT_MS
  const typed = chapter.step && faces(chapter.step).monitor({ world: chapter.before })
  const act = () => (typed ? typeIntoMonitor(session, typed, limit_ms) : session.run(script, limit_ms))
  const result = script === '' ? null : await act()
  const { observation, duration_ms } = await observe(session, chapter.index, since)
  return {
    ...{ index: chapter.index, title: chapter.title, script },
    status: result?.status ?? 0,
    stdout: result?.stdout.toString() ?? '',
    stderr: result?.stderr.toString() ?? '',
    timed_out: result?.timed_out ?? false,
    duration_ms: result?.duration_ms ?? 0,
    observe_ms: duration_ms,
    files: observation.files,
    messages: [...observation.messages],
  }
}

function scriptOf({ step, before }: Chapter, seen: Observation): string {
  if (step === null) return ''
  const known = namesIn(before, seen)
  return faces(step).script({
    world: before,
    names: (device) => {
      const names = known.get(device)
      if (names === undefined) throw new ProtocolError(`The guest shows no region for NVDIMM ${device}.`)
      return names
    },
  })
}
