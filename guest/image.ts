import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '../harness/base/store.ts'
import { baseEntries } from './base.ts'
import { type CpioEntry, cpioArchive, joinLayers } from './cpio.ts'
import { moduleEntries } from './modules.ts'
import { DEFAULT_USERLAND, userland } from './userland.ts'

export interface GuestImage {
  /** Path of the initramfs. */
  readonly initramfs: string
  /** Names the content: equal for equal images. */
  readonly hash: string
  readonly userland: {
    readonly family: string
    readonly packages: readonly { readonly name: string; readonly version: string }[]
  }
}

/** What an image takes from a kernel. */
export interface GuestKernel {
  readonly release: string
  /** Holds lib/modules/RELEASE; undefined for a kernel with everything built in. */
  readonly modulesFolder: string | undefined
  readonly hash: string
}

export interface GuestImageOptions {
  readonly store: Store
  readonly kernel: GuestKernel
  /** The Debian release of ndctl, daxctl, cxl and busybox. */
  readonly userland?: string
  /** Files on top of all others: a test program, a module of the user's. */
  readonly extra?: readonly CpioEntry[]
  /** Asks Debian again which versions a userland consists of. */
  readonly refresh?: boolean
  readonly log?: (sentence: string) => void
}

/** The guest image for a kernel, from the cache or built now. Throws HostError when this host cannot get the parts. */
export async function buildGuestImage(options: GuestImageOptions): Promise<GuestImage> {
  const { store, kernel, userland: family = DEFAULT_USERLAND, extra = [], refresh = false, log = () => {} } = options
  const programs = await userland({ store, family, log, refresh })
  const own = cpioArchive(await baseEntries())
  const extras = extra.length > 0 ? [cpioArchive(extra)] : []
  const key = {
    userland: programs.hash,
    // Two kernels without modules have the same image.
    modules: kernel.modulesFolder === undefined ? null : kernel.hash,
    layers: [own, ...extras].map((layer) => createHash('sha256').update(layer).digest('hex')),
  }
  const { folder, hash } = await store.entry(
    'initramfs',
    key,
    async (draft) => {
      log(`Building the guest image for ${kernel.release}`)
      const modules = kernel.modulesFolder === undefined ? [] : [cpioArchive(await moduleEntries(kernel.modulesFolder))]
      await writeFile(join(draft, IMAGE), joinLayers([await readFile(programs.layer), own, ...modules, ...extras]))
    },
    log,
  )
  return { initramfs: join(folder, IMAGE), hash, userland: { family, packages: programs.packages } }
}

/**
 * Not compressed. Under TCG the kernel unpacks 15 MB in 0.2 s, and as zstd (5 MB) in 0.4 s; QEMU loads the smaller file
 * faster by as much. So compression would gain nothing, and need a program on the host and an option in the kernel.
 */
const IMAGE = 'initramfs.cpio'
