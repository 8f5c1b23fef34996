import { HostError, UsageError } from '../harness/base/errors.ts'
import type { Store } from '../harness/base/store.ts'
import { type Apt, openApt } from './apt.ts'
import { type Candidate, candidatesOf, choose, FLAVOUR, familiesFor, suggestions } from './choice.ts'
import { type DebianKernel, debianEntry } from './debian-entry.ts'
import { cachedKernels, type Kernel, kernelOf } from './kernel.ts'

export interface DebianOptions {
  readonly store: Store
  readonly log: (sentence: string) => void
  /** apt's configuration folder. */
  readonly etc: string
}

/**
 * The kernel that `debian:WANTED` means today.
 * Throws UsageError when Debian offers none, HostError when it cannot be fetched.
 */
export async function resolveDebian(spec: string, wanted: string, options: DebianOptions): Promise<Kernel> {
  const archives = new Archives(options)
  const known = await knownExactly(wanted, options.store)
  const first = known ?? (await find(wanted, archives))
  const entryOf = (kernel: DebianKernel) => debianEntry(kernel, { ...options, apt: () => archives.open(kernel.family) })
  try {
    return await kernelOf(spec, await entryOf(first))
  } catch (error) {
    // The archive may have replaced the package since the lists were fetched.
    if (!(error instanceof HostError) || !(await archives.refresh())) throw error
    return kernelOf(spec, await entryOf(await find(wanted, archives)))
  }
}

/** A whole package version in the cache needs no package lists, and outlives its stay in Debian's archive. */
async function knownExactly(wanted: string, store: Store): Promise<DebianKernel | undefined> {
  const cached = await cachedKernels(store)
  const record = cached.find(({ name }) => name === `debian:${wanted}`)
  return record?.family === undefined ? undefined : { ...record, family: record.family }
}

async function find(wanted: string, archives: Archives): Promise<DebianKernel> {
  const candidate = (await search(wanted, archives)) ?? ((await archives.refresh()) && (await search(wanted, archives)))
  if (candidate) return packagesOf(candidate, await archives.open(candidate.family))
  const candidates = await archives.candidates()
  const offered = suggestions(wanted, candidates)
  const empty = archives.families.filter((family) => !candidates.some((it) => it.family === family))
  throw new UsageError(
    `Debian offers no kernel ${wanted} of the flavour ${FLAVOUR}. ` +
      (empty.length > 0 ? `The mirror that this host's apt sources name has none for ${empty.join(', ')}. ` : '') +
      (offered.length > 0 ? `There are ${offered.join(', ')}; ` : '') +
      '“tierlab kernels list” shows all.',
  )
}

async function search(wanted: string, archives: Archives): Promise<Candidate | undefined> {
  for (const families of familiesFor(wanted)) {
    await Promise.all(families.map((family) => archives.open(family)))
    const chosen = choose(wanted, await archives.candidates(), families)
    if (chosen) return chosen
  }
  return undefined
}

async function packagesOf({ pkg, release, family }: Candidate, apt: Apt): Promise<DebianKernel> {
  // Since 7.x linux-image is empty and depends on the exact linux-binary, linux-modules and linux-base of its release.
  const needs = pkg.depends.split(/[,|]\s*/).map((need) => need.split(' ')[0])
  const names = ['linux-binary', 'linux-modules', 'linux-base'].map((part) => `${part}-${release}`)
  const wanted = names.filter((name) => needs.includes(name))
  const offered = await apt.versions(`linux-*-${release}`)
  const parts = offered.filter(({ name, version }) => version === pkg.version && wanted.includes(name))
  const missing = wanted.filter((name) => !parts.some((part) => part.name === name))
  if (missing.length > 0)
    throw new UsageError(
      `Debian's archive still has ${pkg.name} ${pkg.version}, but no longer ${missing.join(' and ')}, without which it does not boot. “tierlab kernels list” shows others.`,
    )
  return { name: `debian:${pkg.version}`, release, family, packages: [pkg, ...parts] }
}

/** The archives opened so far, each at most once. */
class Archives {
  readonly #options: DebianOptions
  readonly #open = new Map<string, Promise<Apt>>()
  constructor(options: DebianOptions) {
    this.#options = options
  }

  open(family: string): Promise<Apt> {
    const apt = this.#open.get(family) ?? openApt({ ...this.#options, family })
    this.#open.set(family, apt)
    return apt
  }

  get families(): string[] {
    return [...this.#open.keys()]
  }

  async candidates(): Promise<Candidate[]> {
    const lists = [...this.#open.values()].map(async (opening) => {
      const apt = await opening
      return candidatesOf(apt.family, await apt.versions(`linux-image-*-${FLAVOUR}`))
    })
    return (await Promise.all(lists)).flat()
  }

  /** True when asking again may give another answer. */
  async refresh(): Promise<boolean> {
    const changes = [...this.#open.values()].map(async (opening) => (await opening).refresh())
    return (await Promise.all(changes)).includes(true)
  }
}
