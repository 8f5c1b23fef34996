import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { HostError } from '../harness/base/errors.ts'
import { hostOutput } from '../harness/base/process.ts'
import { hashOf, type Store } from '../harness/base/store.ts'
import { openApt } from '../kernels/apt.ts'
import { unpackDeb } from '../kernels/deb.ts'
import { type CpioEntry, cpioArchive } from './cpio.ts'
import { elfLinks } from './elf.ts'

/** The Debian release whose tools a guest has unless another is asked for; the same on every host. */
export const DEFAULT_USERLAND = 'trixie'

/** The programs of a guest and the packages that hold them. What these depend on is asked of apt. */
const PROGRAMS = ['busybox', 'ndctl', 'daxctl', 'cxl']
const PACKAGES = ['busybox-static', 'ndctl', 'daxctl', 'cxl']

/** Counts the changes of what is made of the packages: an older entry in the cache is then not ours. */
const RECIPE = 1

export interface Userland {
  readonly family: string
  readonly packages: readonly { readonly name: string; readonly version: string }[]
  /** Path of the archive. */
  readonly layer: string
  /** Names the content. */
  readonly hash: string
}

export interface UserlandOptions {
  readonly store: Store
  readonly family: string
  readonly log: (sentence: string) => void
  /** Asks Debian again. Otherwise the versions stay what they were when the family was first used with this cache. */
  readonly refresh: boolean
}

/** The programs of a guest as a layer of its image. Asks neither apt nor the network once the cache has it. */
export async function userland({ store, family, log, refresh }: UserlandOptions): Promise<Userland> {
  const key = { recipe: RECIPE, family, packages: PACKAGES }
  // The key names a choice and not its outcome, so a choice can only be made again by forgetting it.
  if (refresh) await rm(join(store.root, 'userland', hashOf(key)), { recursive: true, force: true })
  const { folder } = await store.entry('userland', key, (draft) => build(draft, store, family, log), log)
  const packages: Chosen[] = JSON.parse(await readFile(join(folder, RECORD), 'utf8'))
  return {
    family,
    packages: packages.map(({ name, version }) => ({ name, version })),
    layer: join(folder, LAYER),
    hash: hashOf({ recipe: RECIPE, packages: packages.map(({ name, version, sha256 }) => [name, version, sha256]) }),
  }
}

const LAYER = 'userland.cpio'
const RECORD = 'packages.json'

interface Chosen {
  readonly name: string
  readonly version: string
  readonly sha256: string
}

async function build(draft: string, store: Store, family: string, log: (sentence: string) => void): Promise<void> {
  log(`Fetching the guest's programs (${PROGRAMS.join(', ')}) from Debian ${family}`)
  const apt = await openApt({ store, family, log })
  // Before trixie, cxl came in ndctl's package.
  const names = (await apt.versions('cxl')).length > 0 ? PACKAGES : PACKAGES.filter((name) => name !== 'cxl')
  const packages = await apt.closure(names)
  const unpacked = join(draft, 'unpacked')
  await mkdir(unpacked)
  for (const pkg of packages)
    await unpackDeb(await apt.download(pkg), (path) => (mayBeNeeded(path) ? join(unpacked, basename(path)) : undefined))
  await writeFile(join(draft, LAYER), cpioArchive(await programEntries(unpacked)))
  const chosen = packages.map(({ name, version, sha256 }): Chosen => ({ name, version, sha256 }))
  await writeFile(join(draft, RECORD), JSON.stringify(chosen, null, 1))
  await rm(unpacked, { recursive: true })
}

/** Programs by name, and libraries that lie where the loader looks: gconv, engines and the like have their own folders. */
function mayBeNeeded(path: string): boolean {
  const [, program] = /^(?:usr\/)?s?bin\/([^/]+)$/.exec(path) ?? []
  return program !== undefined
    ? PROGRAMS.includes(program)
    : /^(?:usr\/)?lib(?:64|\/x86_64-linux-gnu)?\/[^/]+\.so[^/]*$/.test(path)
}

/** The programs and the libraries that they need, in a merged /usr; a library is called what others call it. */
async function programEntries(unpacked: string): Promise<CpioEntry[]> {
  const files = await linkedFiles(unpacked)
  const kept = new Map<string, LinkedFile>()
  const wanted = [...PROGRAMS]
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (kept.has(name)) continue
    const file = files.get(name)
    if (file === undefined)
      throw new HostError(
        `${name}, which a guest needs, is not in the Debian packages that were fetched for it. ` +
          'This Debian release is laid out in a way tierlab does not know; choose another with --userland.',
      )
    kept.set(name, file)
    wanted.push(...file.needed)
  }
  return [
    ...[...kept].map(([name, { data }]): CpioEntry => ({ path: placeOf(name), kind: 'file', mode: 0o755, data })),
    ...(await appletLinks(join(unpacked, 'busybox'))),
  ]
}

interface LinkedFile {
  readonly data: Buffer
  readonly needed: readonly string[]
}

async function linkedFiles(folder: string): Promise<Map<string, LinkedFile>> {
  const files = new Map<string, LinkedFile>()
  for (const file of (await readdir(folder)).sort()) {
    const data = await readFile(join(folder, file))
    const links = elfLinks(data)
    if (links) files.set(links.soname ?? file, { data, needed: links.needed })
  }
  return files
}

function placeOf(name: string): string {
  if (PROGRAMS.includes(name)) return `usr/bin/${name}`
  return name.startsWith('ld-linux') ? `usr/lib64/${name}` : `usr/lib/x86_64-linux-gnu/${name}`
}

/** Static, and so able to say on this host which commands it is. */
async function appletLinks(busybox: string): Promise<CpioEntry[]> {
  await hostOutput('chmod', ['755', busybox], { purpose: 'Making the guest’s busybox executable' })
  const list = await hostOutput(busybox, ['--list-full'], { purpose: 'Asking the guest’s busybox for its commands' })
  const names = new Set(list.split('\n').map((path) => basename(path)))
  return [...names]
    .filter((name) => name !== '' && !PROGRAMS.includes(name))
    .map((name) => ({ path: `usr/bin/${name}`, kind: 'symlink', target: 'busybox' }))
}
