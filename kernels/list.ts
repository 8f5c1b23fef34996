import { HostError, messageOf } from '../harness/base/errors.ts'
import type { Release } from '../harness/base/release.ts'
import type { Store } from '../harness/base/store.ts'
import { openApt } from './apt.ts'
import { candidatesOf, FLAVOUR } from './choice.ts'
import { compareDebianVersions, upstreamRelease } from './debian-version.ts'
import { cachedKernels } from './kernel.ts'

/** One row of `tierlab kernels list`. */
export interface KernelRow {
  /** Can be given to --kernel. */
  readonly name: string
  readonly release: string
  readonly version: Release
  /** The Debian release that offers it now; undefined for what only the cache has. */
  readonly family: string | undefined
  readonly cached: boolean
}

const FAMILIES = ['trixie', 'sid', 'bookworm']

/** What Debian offers and what the cache holds, newest first. Without a network, what is known. */
export async function listKernels(options: {
  store: Store
  log?: (sentence: string) => void
  etc?: string
}): Promise<KernelRow[]> {
  const { store, log = () => {} } = options
  const rows = new Map<string, KernelRow>()
  for (const { name, release, version } of await cachedKernels(store))
    rows.set(name, { name, release, version, family: undefined, cached: true })
  const offers = await Promise.all(FAMILIES.map((family) => offered(family, options, log)))
  for (const row of offers.flat()) rows.set(row.name, { ...row, cached: rows.get(row.name)?.cached ?? false })
  return [...rows.values()].sort((a, b) => compareDebianVersions(versionOf(b), versionOf(a)))
}

async function offered(
  family: string,
  { store, etc }: { store: Store; etc?: string },
  log: (sentence: string) => void,
): Promise<KernelRow[]> {
  try {
    const apt = await openApt({ store, family, log, ...(etc !== undefined && { etc }) })
    const candidates = candidatesOf(family, await apt.versions(`linux-image-*-${FLAVOUR}`))
    return candidates.flatMap(({ pkg, release }) => {
      const version = upstreamRelease(pkg.version)
      return version ? [{ name: `debian:${pkg.version}`, release, version, family, cached: false }] : []
    })
  } catch (error) {
    if (!(error instanceof HostError)) throw error
    log(`What Debian ${family} offers is not known: ${messageOf(error)}`)
    return []
  }
}

function versionOf({ name, release }: KernelRow): string {
  return name.startsWith('debian:') ? name.slice('debian:'.length) : release
}
