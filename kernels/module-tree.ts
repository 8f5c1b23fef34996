import { createReadStream, createWriteStream } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { HostError, hasCode } from '../harness/base/errors.ts'
import { hostOutput } from '../harness/base/process.ts'
import { isWantedModule, moduleName, REQUIRED_MODULES } from './modules.ts'

/** What the build lists beside the modules: their order, and what is built in. */
const LISTS = ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']

/**
 * The modules that guests want and all that these depend on, as sorted paths below the folder of a release.
 * `dep` is the text of a modules.dep, which names dependencies of dependencies too.
 */
export function wantedClosure(dep: string): string[] {
  const kept = new Set<string>()
  for (const line of dep.split('\n')) {
    const [path = '', needs = ''] = line.split(':')
    if (!isWantedModule(path)) continue
    for (const module of [path, ...needs.split(' ')]) if (module !== '') kept.add(module)
  }
  return [...kept].sort()
}

/** Has depmod work out the dependencies in `tree` (a RELEASE folder) without writing there: text of modules.dep. */
export async function dependenciesOf(tree: string, release: string, scratch: string): Promise<string> {
  const base = join(scratch, 'depmod')
  const linked = join(base, 'lib', 'modules', release)
  try {
    await mkdir(linked, { recursive: true })
    // Not `build` and `source`, which are links to a whole source tree.
    for (const entry of await readdir(tree, { withFileTypes: true }))
      if (entry.isDirectory() || LISTS.includes(entry.name))
        await symlink(resolve(tree, entry.name), join(linked, entry.name))
    await depmod(base, release)
    return await readFile(join(linked, 'modules.dep'), 'utf8')
  } finally {
    await rm(base, { recursive: true, force: true })
  }
}

/**
 * Fills `folder` with lib/modules/RELEASE: these modules of `tree`, uncompressed because a guest's modprobe may not
 * know the format, and depmod's indexes of them.
 */
export async function copyModules(tree: string, release: string, paths: readonly string[], folder: string) {
  const target = join(folder, 'lib', 'modules', release)
  const compressed = new Map<string, string[]>()
  for (const path of paths) {
    const to = join(target, path)
    await mkdir(dirname(to), { recursive: true })
    const suffix = /\.ko\.(\w+)$/.exec(path)?.[1]
    if (suffix === 'gz')
      await pipeline(createReadStream(join(tree, path)), createGunzip(), createWriteStream(to.replace(/\.gz$/, '')))
    else await copyFile(join(tree, path), to)
    if (suffix !== undefined && suffix !== 'gz') compressed.set(suffix, [...(compressed.get(suffix) ?? []), to])
  }
  for (const [suffix, files] of compressed) await decompress(suffix, files)
  for (const name of LISTS) await copyIfThere(join(tree, name), join(target, name))
  await depmod(folder, release)
}

async function decompress(suffix: string, files: readonly string[]): Promise<void> {
  const purpose = `Decompressing kernel modules (.ko.${suffix})`
  if (suffix === 'xz') await hostOutput('xz', ['-d', '-f', '--', ...files], { purpose })
  else if (suffix === 'zst') await hostOutput('zstd', ['-d', '-q', '-f', '--rm', '--', ...files], { purpose })
  else throw new HostError(`${purpose} is not something tierlab can do; it knows xz, zst and gz.`)
}

async function depmod(base: string, release: string): Promise<void> {
  // Some builds of kmod look below usr/lib, others below lib.
  await mkdir(join(base, 'usr'), { recursive: true })
  await symlink('../lib', join(base, 'usr', 'lib'))
  try {
    // The host's own depmod.d must not decide which of two modules wins. An ordinary user's path may lack sbin.
    await hostOutput('depmod', ['-C', '/dev/null', '-b', base, release], {
      purpose: `Indexing the modules of ${release}`,
      env: { PATH: `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin` },
    })
  } finally {
    await rm(join(base, 'usr'), { recursive: true, force: true })
  }
}

async function copyIfThere(from: string, to: string): Promise<void> {
  await copyFile(from, to).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error
  })
}

/**
 * Throws HostError when the kernel lacks a driver without which no guest of ours works. Says nothing when it cannot be
 * known: a kernel that has neither its configuration nor a list of what is built in.
 */
export async function checkRequired(name: string, tree: string, paths: readonly string[], config: string | undefined) {
  const builtin = await readFile(join(tree, 'modules.builtin'), 'utf8').catch(() => undefined)
  if (builtin === undefined && config === undefined) return
  const there = new Set([...paths, ...(builtin ?? '').split('\n')].map(moduleName))
  const settings = new Set((config ?? '').split('\n'))
  const missing = REQUIRED_MODULES.filter((it) => !there.has(it.name) && !settings.has(`${it.config}=y`))
  if (missing.length > 0)
    throw new HostError(
      `The kernel ${name} has no ${missing.map((it) => it.name).join(', ')}, neither as a module nor built in, and ` +
        `tierlab's guests need it. Take another kernel, or build it with ${missing.map((it) => `${it.config}=m`).join(' ')}.`,
    )
}
