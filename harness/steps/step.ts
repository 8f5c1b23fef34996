import { z } from 'zod'
import { UsageError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import type { Outcome } from '../model/outcome.ts'
import type { World } from '../model/world.ts'
import type { DeviceNames } from '../topology/device-names.ts'

/** A step as plain data: it can be printed, hashed, recorded, and revived from a record. */
export interface Step {
  readonly verb: string
  readonly args: Json
  /** The scenario says that the step is refused, and with which words on standard error. */
  readonly refuses?: { readonly says: string }
  /** How long it may take, in milliseconds; then it counts as hanging. STEP_LIMIT_MS when left out. */
  readonly limit_ms?: number
}

/** Generous: on a busy host under emulation, ndctl alone may take seconds. */
export const STEP_LIMIT_MS = 60_000

/** What a step's script may need to know: the world before it, and what the guest calls its devices. */
export interface ScriptContext {
  readonly world: World
  names(device: string): DeviceNames
}

/** The two faces of a kind of step, in one place: what is done, in the guest or to the machine, and what it means. */
export type StepKind<Args> = Kind<Args> & (InGuest<Args> | ToMachine<Args>)

interface Kind<Args> {
  readonly verb: string
  readonly args: z.ZodType<Args>
  /** One line, in the words of the tool. */
  title(args: Args): string
  model(world: World, args: Args): Outcome
}

interface InGuest<Args> {
  /** A POSIX sh script of the plain commands that one would type. */
  script(args: Args, context: ScriptContext): string
}

interface ToMachine<Args> {
  /** What one would type into QEMU's monitor. */
  monitor(args: Args, context: Pick<ScriptContext, 'world'>): MonitorLine
}

/** A line for QEMU's monitor, and the sign by which the guest is known to be done with what it brings about. */
export interface MonitorLine {
  readonly line: string
  readonly settles: Settles
}

/**
 * `plugged` and `ejected` name a DIMM: the guest answers by _OST when it has dealt with it, for better or worse, and an
 * ejected one is gone from QEMU. `resized`: virtio-mem devices have become what they are to be.
 * `booted`: the guest's agent is there again, and then they have.
 */
export type Settles =
  | { readonly when: 'plugged'; readonly id: string }
  | { readonly when: 'ejected'; readonly id: string }
  | { readonly when: 'resized'; readonly devices: readonly Resized[] }
  | { readonly when: 'booted'; readonly devices: readonly Resized[] }

/** A virtio-mem device that will be of so many bytes, as these memory blocks. */
export interface Resized {
  readonly id: string
  readonly bytes: number
  readonly blocks: readonly number[]
}

interface Revived {
  title(): string
  /** What is typed, in the guest or, behind `(qemu)`, into QEMU's monitor. */
  script(context: ScriptContext): string
  /** Null for a step that is a script in the guest. */
  monitor(context: Pick<ScriptContext, 'world'>): MonitorLine | null
  model(world: World): Outcome
}

const kinds = new Map<string, (args: Json) => Revived>()

/** Registers a kind of step and returns its maker. */
export function defineStep<Args extends Json>(kind: StepKind<Args>): (args: Args) => Step {
  kinds.set(kind.verb, (given) => {
    const parsed = kind.args.safeParse(given)
    if (!parsed.success)
      throw new UsageError(`A step “${kind.verb}” has wrong arguments: ${z.prettifyError(parsed.error)}`)
    const args = parsed.data
    return {
      title: () => kind.title(args),
      script: (context) =>
        'script' in kind ? kind.script(args, context) : `(qemu) ${kind.monitor(args, context).line}`,
      monitor: (context) => ('monitor' in kind ? kind.monitor(args, context) : null),
      model: (world) => kind.model(world, args),
    }
  })
  return (args) => ({ verb: kind.verb, args })
}

/** The faces of a step that is plain data. Throws UsageError for a verb that no kind has. */
export function faces(step: Step): Revived {
  const kind = kinds.get(step.verb)
  if (kind === undefined) throw new UsageError(`There is no step “${step.verb}” in this version of tierlab.`)
  return kind(step.args)
}

/**
 * Says that a step must be refused, and which words its standard error holds. The model must agree, and so must the
 * kernel: a refusal that does not come, or comes for another reason, is a difference.
 */
export function refuses(step: Step, how: { says: string }): Step {
  return { ...step, refuses: { says: how.says } }
}

/** Gives a step another limit. */
export function within(limit_ms: number, step: Step): Step {
  return { ...step, limit_ms }
}
