import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, relative, resolve } from 'node:path'
import { HostError } from '../base/errors.ts'

/** Programs of the host that tierlab runs: the Debian package of each, and what it is for. */
export const HOST_PROGRAMS = {
  'qemu-system-x86_64': { package: 'qemu-system-x86', why: 'runs the guests' },
  setpriv: { package: 'util-linux', why: 'ends a guest with its parent' },
  flock: { package: 'util-linux', why: 'lets several runs share one set of package lists' },
  'apt-get': { package: 'apt', why: 'fetches kernels and guest programs' },
  'apt-cache': { package: 'apt', why: 'looks them up' },
  'dpkg-deb': { package: 'dpkg', why: 'unpacks them' },
  depmod: { package: 'kmod', why: 'indexes the modules of a kernel' },
  lz4: { package: 'lz4', why: 'decompresses kernels, which spares their guests about 1 s' },
  xz: { package: 'xz-utils', why: 'decompresses kernels and modules' },
  zstd: { package: 'zstd', why: 'decompresses kernels and modules' },
} as const satisfies Readonly<Record<string, { package: string; why: string }>>

export type HostProgram = keyof typeof HOST_PROGRAMS

export const HOST_PROGRAM_NAMES: readonly HostProgram[] = Object.keys(HOST_PROGRAMS).filter(isHostProgram)

/** Programs without which everything works, if slower. */
export const SPARABLE: readonly HostProgram[] = ['lz4']

const REQUIRED = HOST_PROGRAM_NAMES.filter((name) => !SPARABLE.includes(name))

/** What a command that boots a guest needs, and what one that prepares a kernel needs. */
export const NEEDS = {
  guest: REQUIRED,
  kernel: REQUIRED.filter((name) => name !== 'qemu-system-x86_64' && name !== 'setpriv'),
} as const

/** The list of packages that the project keeps. */
export const HOST_PACKAGES = resolve(import.meta.dirname, '../../host-packages.txt')

/** Where the program is: looked up on the path, and nothing is started. Undefined when it is missing. */
export function findProgram(name: HostProgram, path = process.env.PATH ?? ''): string | undefined {
  // An ordinary user's path may lack the folders of root, where depmod is.
  const folders = [...path.split(delimiter), '/usr/sbin', '/sbin'].filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** Throws HostError that names what is missing and the line that installs it. */
export function requirePrograms(needs: readonly HostProgram[], path?: string): void {
  const missing = needs.filter((name) => findProgram(name, path) === undefined)
  if (missing.length === 0) return
  const names = missing.map((name) => `${name} (package ${HOST_PROGRAMS[name].package})`).join(', ')
  throw new HostError(`This machine lacks ${names}. What tierlab needs is installed by: ${installLine()}`)
}

/** One line that installs everything. */
export function installLine(packages = HOST_PACKAGES): string {
  const near = relative(process.cwd(), packages)
  const sudo = process.getuid?.() === 0 ? '' : 'sudo '
  return `xargs -a ${near.startsWith('..') ? packages : near} ${sudo}apt-get install -y --no-install-recommends`
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function isHostProgram(name: string): name is HostProgram {
  return name in HOST_PROGRAMS
}
