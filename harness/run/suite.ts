import { join } from 'node:path'
import { buildGuestImage, type GuestImage } from '../../guest/image.ts'
import { type BootImage, bootImage, type Kernel, resolveKernel } from '../../kernels/index.ts'
import { messageOf, UsageError } from '../base/errors.ts'
import { Store } from '../base/store.ts'
import { Guests } from '../checkpoint/guests.ts'
import { qemuBuild } from '../checkpoint/qemu-build.ts'
import { type Accelerator, type AcceleratorWish, chooseAccelerator } from '../machine/accelerator.ts'
import type { Era } from '../model/eras.ts'
import { budgetOf, type Jobs, memoryCost } from './budget.ts'
import { Durations, longestFirst } from './durations.ts'
import { type Cell, type Emit, inPlanOrder, type RunResult } from './events.ts'
import { type BeforeEnd, type Bench, execute } from './execute.ts'
import { foldersFor } from './folders.ts'
import { type LoadedScenario, plan, repeated, skipReason } from './plan.ts'
import { planFile, writePlan } from './plan-file.ts'
import { workOff } from './pool.ts'
import { RunFolder } from './run-folder.ts'
import { type Shard, shardsOf, type Timed } from './shard.ts'
import { sharedBeginnings } from './shared-beginning.ts'
import { tell } from './story.ts'
import { isExpected, wasInterrupted } from './verdict.ts'
import { verifyRestore } from './verify-restore.ts'

export interface SuiteOptions {
  readonly scenarios: readonly LoadedScenario[]
  /** Words for kernels, or kernels that are resolved already. */
  readonly kernels: readonly (string | Kernel)[]
  readonly accel: AcceleratorWish
  /** The model's era; that of each kernel's version when left out. */
  readonly era?: Era
  /** The folder that receives a folder for each run. */
  readonly out: string
  readonly userland?: string
  readonly bail: boolean
  /** `longest`: what takes long begins first, which ends soonest; `given`: in the order of the scenarios. */
  readonly order?: 'longest' | 'given'
  /** Guests at one time; one when left out. */
  readonly jobs?: Jobs
  /** How often each run is made; once when left out. */
  readonly repeat?: number
  /** Boots every time, and neither uses nor makes checkpoints. */
  readonly fresh?: boolean
  /** Makes each run in a restored guest and in one that boots, and fails on any difference. */
  readonly verify_restore?: boolean
  /** Known issues are excused unless this is false. */
  readonly known_issues?: boolean
  /** How long a boot may take; generous when left out. */
  readonly boot_limit_ms?: number
  /** Only a part of the runs, split by the times that runs took before. */
  readonly shard?: Shard & { readonly past: readonly Timed[] }
  readonly signal: AbortSignal
  readonly emit: Emit
  readonly before_end?: BeforeEnd | undefined
}

/** A kernel made ready: what of it QEMU boots, its guest image, and the accelerator that works for it. */
export interface Prepared {
  readonly kernel: Kernel
  readonly boot: BootImage
  readonly image: GuestImage
  readonly accel: Accelerator
}

/** Runs every scenario on every kernel, several at once. What is done by then is told however it ends. */
export async function runSuite(options: SuiteOptions): Promise<RunResult[]> {
  const { scenarios, emit, signal } = options
  const started = performance.now()
  const store = new Store()
  const prepared: Prepared[] = []
  for (const spec of options.kernels) prepared.push(await prepare(spec, store, options))
  const qemu = await qemuBuild()
  const limit = options.boot_limit_ms === undefined ? {} : { boot_limit_ms: options.boot_limit_ms }
  const log = (sentence: string) => emit({ type: 'note', sentence })
  const origin = { store, qemu, signal, log, ...limit }
  const booting = new Guests(origin, { fresh: true })
  const guests = options.fresh ? booting : new Guests(origin, { fresh: false })
  const once = plan(
    scenarios,
    prepared.map(({ kernel }) => kernel),
    options.era,
  )
  once.forEach(checkCell)
  const all = repeated(once, options.repeat ?? 1)
  const folders = foldersFor(all)
  const places = folders.map((folder) => join(options.out, folder))
  const shards = options.shard && shardsOf(all, options.shard.of, options.shard.past)
  const cells = all.filter((_cell, index) => shards === undefined || shards[index] === options.shard?.index)
  if (options.shard && shards) {
    await writePlan(options.out, planFile(all, shards, folders, options.shard))
  }
  emit({ type: 'plan', cells, accel: prepared.map(({ accel }) => accel) })
  const durations = await Durations.read(store)
  const budget = await budgetOf(options.jobs ?? 1)
  const beginnings = sharedBeginnings(once)
  const work = cells.map((cell) => {
    const index = all.indexOf(cell)
    return { cell, path: places[index] ?? '', shared: beginnings.get(once[index % once.length] ?? cell) ?? 0 }
  })
  const order = options.order === 'given' ? cells : longestFirst(cells, durations)
  work.sort((a, b) => order.indexOf(a.cell) - order.indexOf(b.cell))
  const results: RunResult[] = []
  const run = async ({ cell, path, shared }: (typeof work)[number]): Promise<boolean> => {
    const ready = prepared.find(({ kernel }) => kernel === cell.kernel)
    if (ready === undefined || signal.aborted) return false
    const bench: Bench = {
      accel: ready.accel,
      boot: ready.boot,
      image: ready.image,
      qemu: qemu.words,
      guests,
      shared,
      known_issues: options.known_issues ?? true,
      signal,
      emit,
      before_end: options.before_end,
    }
    const skip = skipReason(cell)
    const folder = new RunFolder(path)
    if (skip === null) emit({ type: 'begin', cell })
    const make = () =>
      options.verify_restore ? verifyRestore(cell, bench, folder, booting) : execute(cell, bench, folder)
    const result = skip === null ? await make() : skipped(cell, bench, skip)
    if (wasInterrupted(result.verdict)) {
      emit({
        type: 'note',
        sentence: `interrupted: ${cell.scenario.name}, on ${cell.kernel.name}. Its record: ${path}`,
      })
      return false
    }
    results.push(result)
    emit({ type: 'end', result })
    // Where one record cannot be kept, the next cannot either.
    if (folder.problem) return false
    return !options.bail || isExpected(result.verdict)
  }
  try {
    await workOff(work, { ...budget, memory: ({ cell }) => memoryCost(cell.scenario.machine) }, run)
  } finally {
    emit({ type: 'finish', results: inPlanOrder(results, cells), duration_ms: performance.now() - started })
    await durations.keep(results)
  }
  return inPlanOrder(results, cells)
}

/** A mistake in a scenario's steps is found before anything boots, not in the middle of the night. Throws UsageError. */
export function checkCell(cell: Cell): void {
  if (skipReason(cell) !== null) return
  try {
    tell(cell.scenario, cell.era)
  } catch (cause) {
    throw new UsageError(`${cell.file}: ${messageOf(cause)}`, { cause })
  }
}

/** Fetches and builds what is missing, and decides the accelerator. Says so in notes. */
export async function prepare(
  wanted: string | Kernel,
  store: Store,
  {
    accel,
    userland,
    emit,
    signal,
  }: Pick<SuiteOptions, 'accel' | 'userland' | 'emit'> & { readonly signal?: AbortSignal },
): Promise<Prepared> {
  const log = (sentence: string) => emit({ type: 'note', sentence })
  const kernel = typeof wanted === 'string' ? await resolveKernel(wanted, { store, log }) : wanted
  const image = await buildGuestImage({ store, kernel, log, ...(userland !== undefined && { userland }) })
  const boot = await bootImage(kernel, { store, log })
  const guest = { image: boot.path, initramfs: image.initramfs, key: [kernel.hash, boot.entry] }
  const chosen = await chooseAccelerator(accel, guest, store, signal)
  log(
    `${kernel.name} (${kernel.release}), entry ${boot.entry}: ${boot.reason}; accelerator ${chosen.name}: ${chosen.reason}`,
  )
  return { kernel, boot, image, accel: chosen }
}

function skipped(cell: Cell, { accel }: Bench, reason: string): RunResult {
  return {
    ...{ cell, accel, start: 'boot', fallback: '', record: null, command_line: '' },
    verdict: { verdict: 'skip', reason, step: null, differences: [], excerpt: [] },
    timings_ms: { start: 0, steps: 0, observe: 0, total: 0 },
  }
}
