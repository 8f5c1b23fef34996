import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HostError } from '../harness/base/errors.ts'
import type { Entry, Store } from '../harness/base/store.ts'
import type { Apt, Package } from './apt.ts'
import { unpackDeb } from './deb.ts'
import { readImage } from './image.ts'
import { KIND, kernelPaths, writeRecord } from './kernel.ts'
import { checkRequired, copyModules, dependenciesOf, wantedClosure } from './module-tree.ts'
import { WANTED_MODULES } from './modules.ts'

/** Raise it when the same packages come to mean another entry. */
const FORMAT = 1

/** Debian packages that are one kernel. */
export interface DebianKernel {
  /** `debian:6.1.192-2` */
  readonly name: string
  readonly release: string
  readonly family: string
  readonly packages: readonly Package[]
}

/** The cache's entry for this kernel; `apt` is asked for only when something must be fetched. */
export function debianEntry(
  kernel: DebianKernel,
  { store, apt, log }: { store: Store; apt: () => Promise<Apt>; log: (sentence: string) => void },
): Promise<Entry> {
  const key = {
    format: FORMAT,
    packages: kernel.packages.map(({ name, version, sha256 }) => ({ name, version, sha256 })),
    modules: WANTED_MODULES.map(({ path }) => path.source),
  }
  return store.entry(KIND, key, async (folder) => build(kernel, await apt(), folder, log), log)
}

async function build(kernel: DebianKernel, apt: Apt, folder: string, log: (sentence: string) => void): Promise<void> {
  const mebibytes = Math.ceil(kernel.packages.reduce((sum, { size_bytes }) => sum + size_bytes, 0) / 1024 ** 2)
  log(`Fetching ${kernel.name} (${kernel.release}, ${mebibytes} MiB).`)
  const scratch = join(folder, 'scratch')
  const tree = join(scratch, 'tree')
  const paths = kernelPaths(folder)
  try {
    await mkdir(tree, { recursive: true })
    // Into the draft instead of apt's cache: several processes may do this at once, and a kernel is unpacked only once.
    for (const pkg of kernel.packages)
      await unpackDeb(await apt.download(pkg, scratch), (path) => placeFor(path, kernel.release, tree, paths))
    if (!(await stat(paths.image).catch(() => undefined)))
      throw new HostError(
        `No kernel image is in ${kernel.packages.map(({ name }) => name).join(', ')}: tierlab does not know this shape ` +
          'of package. Take another version, and please report this one.',
      )
    const found = await readImage(paths.image)
    if (found.release !== kernel.release)
      throw new HostError(
        `The package ${kernel.packages[0]?.name} holds a kernel that calls itself ${found.release} instead of ` +
          `${kernel.release}; tierlab cannot use it. Take another version, and please report this one.`,
      )
    const config = await readFile(paths.config, 'utf8').catch(() => undefined)
    const modules = wantedClosure(await dependenciesOf(tree, kernel.release, scratch))
    await checkRequired(kernel.name, tree, modules, config)
    await copyModules(tree, kernel.release, modules, folder)
    const { name, release, family, packages } = kernel
    const { version } = found
    await writeRecord(folder, { name, release, version, family, packages, config: config !== undefined, modules: true })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/**
 * Two shapes of packages: everything in linux-image, the image and configuration in boot; or (7.x) spread over
 * linux-binary, linux-base and linux-modules, all of it in the folder of the release.
 */
function placeFor(path: string, release: string, tree: string, kernel: { image: string; config: string }) {
  if (path === `boot/vmlinuz-${release}`) return kernel.image
  if (path === `boot/config-${release}`) return kernel.config
  const below = ['lib/modules/', 'usr/lib/modules/']
    .map((prefix) => `${prefix}${release}/`)
    .find((prefix) => path.startsWith(prefix))
  if (below === undefined) return undefined
  const name = path.slice(below.length)
  if (name === 'vmlinuz') return kernel.image
  if (name === 'config') return kernel.config
  return name === 'System.map' ? undefined : join(tree, name)
}
