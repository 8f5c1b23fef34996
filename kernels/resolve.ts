import type { Store } from '../harness/base/store.ts'
import { resolveDebian } from './debian.ts'
import { defaultSeries } from './host-release.ts'
import type { Kernel } from './kernel.ts'
import { resolveImage } from './local.ts'
import { resolveSource } from './source/index.ts'
import { parseKernelSpec } from './spec.ts'

export interface ResolveOptions {
  readonly store: Store
  readonly log?: (sentence: string) => void
  /** apt's configuration folder, where the mirrors are read: /etc/apt. */
  readonly etc?: string
}

/**
 * A bootable kernel from a word. Fetches what is missing; needs no network when the cache has it and its lists are fresh.
 * Throws UsageError when there is no such kernel, HostError when this host cannot get it.
 */
export async function resolveKernel(spec: string, options: ResolveOptions): Promise<Kernel> {
  const { store, log = () => {}, etc = '/etc/apt' } = options
  const parsed = parseKernelSpec(spec)
  switch (parsed.kind) {
    case 'default':
      return resolveDebian(spec, await defaultSeries(), { store, log, etc })
    case 'debian':
      return resolveDebian(spec, parsed.wanted, { store, log, etc })
    case 'image':
      return resolveImage(spec, parsed, { store, log })
    case 'source':
    case 'tree':
      return resolveSource(spec, parsed, { store, log, etc })
  }
}
