import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import { hostOutput } from '../base/process.ts'
import type { Entry, Store } from '../base/store.ts'
import { type BootPlan, bootArguments, CONSOLE, type StartOptions, VirtualMachine } from '../machine/virtual-machine.ts'
import { Session } from '../session/session.ts'
import { memoryFiles } from './memory.ts'
import { loadState, type MemoryMode, saveState, sourceOf } from './migrate.ts'
import type { QemuBuild } from './qemu-build.ts'
import { bootedAnew, StaleTrap, whyLost } from './stale-trap.ts'

/** The cache's kind of entry. */
export const KIND = 'checkpoint'

const STATE = 'state'
const FACTS = 'checkpoint.json'
const Facts = z.object({
  mode: z.enum(['files', 'stream']),
  nonce: z.string(),
  /** For people: what it is a state of. */
  label: z.string(),
  /** What was done with the guest since its boot, as who did it told it. */
  history: z.json().default(null),
  /** From the start of QEMU to the moment that was kept, and what keeping it took. */
  reach_ms: z.number(),
  save_ms: z.number(),
})

type NewFacts = Omit<z.infer<typeof Facts>, 'history'> & { readonly history: Json }

/** A guest that was stopped and kept: its state, its memory, what its console had said. */
export interface Checkpoint extends z.infer<typeof Facts> {
  readonly folder: string
  readonly hash: string
}

/** What every guest of one kind needs, whichever plan it has. */
export interface Origin {
  readonly store: Store
  readonly qemu: QemuBuild
  /** How long a boot may take; generous when left out. */
  readonly boot_limit_ms?: number
  readonly signal: AbortSignal
  readonly log: (sentence: string) => void
}

/** A guest that answers. */
export interface LiveGuest {
  readonly vm: VirtualMachine
  readonly session: Session
  /** Fulfilled when its clock is right; never rejected. */
  readonly clock: Promise<void>
}

/** The checkpoint of a guest that has booted to its agent; made now when the cache has none. */
export async function bootedCheckpoint(plan: BootPlan, mode: MemoryMode, origin: Origin): Promise<Checkpoint> {
  const { store, qemu, log } = origin
  const entry = await store.entry(
    KIND,
    { format: 3, mode, qemu: qemu.identity, arguments: contentArguments(plan, store) },
    (draft) => bootedAnew(() => saveBooted(draft, plan, mode, origin), log),
    log,
  )
  return checkpointIn(entry)
}

async function saveBooted(draft: string, plan: BootPlan, mode: MemoryMode, origin: Origin): Promise<void> {
  // Nothing may be left of the memory of one that died.
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  const started = performance.now()
  const backend = mode === 'files' ? { backend: memoryFiles(draft, 'shared', false) } : {}
  await using vm = await VirtualMachine.start(plan, draft, { ...backend, signal: origin.signal })
  const { nonce } = await opened(vm, plan, origin)
  const booted = performance.now()
  await saveState(vm, mode, join(draft, STATE))
  const saved = performance.now()
  await vm.qemu.kill()
  const label = `${plan.machine.nodes.length} nodes, booted by ${plan.accelerator}`
  const took = { reach_ms: booted - started, save_ms: saved - booted }
  await finish(draft, { mode, label, nonce, history: null, ...took }, origin.qemu)
}

/** A walk from a checkpoint to a later state, which is worth keeping because several begin with it. */
export interface Walk {
  /** For people. */
  readonly label: string
  /** Names the walk by content: equal walks lead to equal states. */
  readonly key: Json
  /** Takes the steps; what it resolves to is kept as the checkpoint's history. */
  readonly take: (guest: LiveGuest) => Promise<Json>
}

/** The checkpoint of the state behind a walk; made now when the cache has none. `parent` has its memory in files. */
export async function walkedCheckpoint(
  parent: Checkpoint,
  walk: Walk,
  plan: BootPlan,
  origin: Origin,
): Promise<Checkpoint> {
  const { store, qemu, log, signal } = origin
  const entry = await store.entry(
    KIND,
    { format: 3, parent: parent.hash, walk: walk.key },
    async (draft) => {
      const started = performance.now()
      const memory = (await readdir(parent.folder)).filter((name) => !OWN_FILES.has(name))
      const copy = ['--sparse=always', '--reflink=auto', '--no-preserve=mode', '--target-directory', draft]
      await hostOutput('cp', [...copy, '--', ...memory.map((name) => join(parent.folder, name))], {
        purpose: 'Copying a checkpoint',
      })
      const backend = memoryFiles(draft, 'shared', false)
      const guest = await restoreInto(parent, plan, draft, { backend, signal, qemu })
      await using vm = guest.vm
      await guest.clock
      const history = await walk.take(guest)
      const reached = performance.now()
      await saveState(vm, 'files', join(draft, STATE))
      const saved = performance.now()
      await vm.qemu.kill()
      const { mode, nonce } = parent
      await finish(
        draft,
        { mode, label: walk.label, nonce, history, reach_ms: reached - started, save_ms: saved - reached },
        qemu,
      )
    },
    log,
  )
  return checkpointIn(entry)
}

/** What a checkpoint's folder holds beside the memory. */
const OWN_FILES = new Set([STATE, FACTS, CONSOLE, 'manifest.json', 'fingerprint.json'])

/** Completes the folder: pages of nothing but zeros become holes, the facts are written, and nobody may write any more. */
async function finish(draft: string, facts: NewFacts, qemu: QemuBuild): Promise<void> {
  for (const name of (await readdir(draft)).filter((name) => !OWN_FILES.has(name)))
    await hostOutput('fallocate', ['--dig-holes', join(draft, name)], { purpose: 'Making a checkpoint sparse' }).catch(
      () => '',
    )
  await writeFile(join(draft, FACTS), JSON.stringify(facts))
  for (const name of await readdir(draft)) await chmod(join(draft, name), readOnly(qemu) ? 0o444 : 0o644)
}

/** Starts a guest that goes on from a checkpoint. Its console's file begins with what it had said. */
export async function restore(
  checkpoint: Checkpoint,
  plan: BootPlan,
  folder: string,
  origin: Pick<Origin, 'qemu' | 'signal'>,
): Promise<LiveGuest> {
  const backend = memoryFiles(checkpoint.folder, 'private', readOnly(origin.qemu))
  return restoreInto(checkpoint, plan, folder, {
    ...(checkpoint.mode === 'files' && { backend }),
    ...origin,
  })
}

async function restoreInto(
  checkpoint: Checkpoint,
  plan: BootPlan,
  folder: string,
  { qemu, backend, signal }: Pick<StartOptions, 'backend'> & Pick<Origin, 'qemu' | 'signal'>,
): Promise<LiveGuest> {
  await mkdir(folder, { recursive: true })
  await copyFile(join(checkpoint.folder, CONSOLE), join(folder, CONSOLE))
  await chmod(join(folder, CONSOLE), 0o644)
  const source = sourceOf(join(checkpoint.folder, STATE), qemu)
  const how = { incoming: true, continues: true, input: source.input, signal, ...(backend && { backend }) }
  const vm = await VirtualMachine.start(plan, folder, how)
  try {
    await loadState(vm, checkpoint.mode, source)
    const session = await Session.resume(vm, checkpoint.nonce, RESUME_LIMIT_MS)
    return { vm, session, clock: setClock(session) }
  } catch (error) {
    await vm[Symbol.asyncDispose]()
    throw error
  }
}

/** A restored guest still has the time of its save. A guest that cannot be told will be missed by who needs it next. */
async function setClock(session: Session): Promise<void> {
  await session.read(`date -s @${Math.round(Date.now() / 1000)} >/dev/null`, RESUME_LIMIT_MS).catch(() => {})
}

/** A boot that has not reached its agent by then has failed; generous, for emulation on a busy host. */
const BOOT_LIMIT_MS = { kvm: 60_000, tcg: 180_000 }

/** Boots a guest to its agent. Throws GuestLost (`no-boot`). */
export function boot(plan: BootPlan, folder: string, origin: Origin): Promise<LiveGuest> {
  return bootedAnew(async () => {
    const vm = await VirtualMachine.start(plan, folder, { signal: origin.signal })
    try {
      return { vm, session: await Session.open(vm, bootLimit(plan, origin)), clock: Promise.resolve() }
    } catch (error) {
      await vm[Symbol.asyncDispose]()
      throw whyLost(error, vm, plan.accelerator)
    }
  }, origin.log)
}

/** The guest from which a checkpoint was to be made did not reach its agent: no other way to start it would help. */
export class DidNotBoot extends Error {}

async function opened(vm: VirtualMachine, plan: BootPlan, origin: Origin): Promise<Session> {
  try {
    return await Session.open(vm, bootLimit(plan, origin))
  } catch (error) {
    const cause = whyLost(error, vm, plan.accelerator)
    throw cause instanceof StaleTrap ? cause : new DidNotBoot(messageOf(cause), { cause })
  }
}

function bootLimit({ accelerator }: BootPlan, { boot_limit_ms }: Origin): number {
  return boot_limit_ms ?? BOOT_LIMIT_MS[accelerator]
}

/** Restoring takes a tenth of a second; what has not answered by then never will. */
const RESUME_LIMIT_MS = 20_000

/** The arguments that decide what a guest is, by content: everything in the cache lies in a folder named by its hash. */
function contentArguments(plan: BootPlan, store: Store): string[] {
  return bootArguments(plan).map((word) => word.replaceAll(store.root, ''))
}

function readOnly({ major }: QemuBuild): boolean {
  return major >= 9
}

async function checkpointIn({ folder, hash }: Entry): Promise<Checkpoint> {
  return { ...Facts.parse(JSON.parse(await readFile(join(folder, FACTS), 'utf8'))), folder, hash }
}
