import { basename, dirname } from 'node:path'
import type { Redis } from 'ioredis'
import { type Kernel, resolveKernel } from '../../kernels/index.ts'
import { KIND, kernelOf } from '../../kernels/kernel.ts'
import { HostError } from '../base/errors.ts'
import { hashOf, type Store } from '../base/store.ts'
import type { QueuedKernel } from './cell.ts'
import { sendEntry } from './entries.ts'
import { receiveFolder } from './folder.ts'
import { KEEP_S } from './names.ts'

/**
 * Makes a kernel known to workers. Debian's they fetch for themselves, each from its own mirror; any other travels from
 * this machine's cache.
 */
export async function sendKernel(redis: Redis, store: Store, kernel: Kernel): Promise<QueuedKernel> {
  const { spec, name, release, hash } = kernel
  if (name.startsWith('debian:')) return { spec, name, release, hash }
  const entry = basename(dirname(kernel.image))
  const sent = await sendEntry(redis, store, { kind: KIND, hash: entry, keep_s: KEEP_S.run })
  return { spec, name, release, hash, sent: { ...sent, entry } }
}

/** The kernel of a cell, in this machine's cache. Throws HostError or ProtocolError when it cannot be had, or is another. */
export async function receiveKernel(
  redis: Redis,
  store: Store,
  wanted: QueuedKernel,
  log: (sentence: string) => void,
): Promise<Kernel> {
  const kernel = wanted.sent === undefined ? await resolveKernel(wanted.name, { store, log }) : await unpacked(wanted)
  if (kernel.hash === wanted.hash) return { ...kernel, spec: wanted.spec }
  throw new HostError(
    `${wanted.name} is another kernel here than where it was added (${kernel.hash.slice(0, 12)} instead of ` +
      `${wanted.hash.slice(0, 12)}). Both machines must have the same tierlab, and mirrors that agree.`,
  )

  async function unpacked({ spec, name, sent }: QueuedKernel): Promise<Kernel> {
    if (sent === undefined || hashOf(sent.key) !== sent.entry) throw new HostError(`${name} does not match its key.`)
    const build = async (draft: string) => {
      log(`Fetching ${name} from the queue (${Math.ceil(sent.bytes / 1024 ** 2)} MiB).`)
      await receiveFolder(redis, sent.sha256, draft)
    }
    return kernelOf(spec, await store.entry(KIND, sent.key, build, log), name)
  }
}
