import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { HostError } from '../../harness/base/errors.ts'
import { isThere } from '../../harness/base/process.ts'

/** Something that a kernel is built with: the Debian package, and what it is for. */
export interface BuildTool {
  readonly name: string
  readonly package: string
  readonly why: string
  /** Without it builds are only slower. */
  readonly sparable?: boolean
}

/** The list of packages that the project keeps for those who build kernels. */
export const SOURCE_PACKAGES = resolve(import.meta.dirname, '../../host-packages-source.txt')

const HEADER = '/usr/include/gelf.h'

export const BUILD_TOOLS: readonly BuildTool[] = [
  { name: 'git', package: 'git', why: 'keeps the trees and applies patches' },
  { name: 'make', package: 'make', why: 'builds the kernel' },
  { name: 'gcc', package: 'gcc', why: 'compiles it' },
  { name: 'flex', package: 'flex', why: 'is needed by the kernel’s configuration' },
  { name: 'bison', package: 'bison', why: 'is needed by the kernel’s configuration' },
  { name: 'bc', package: 'bc', why: 'is needed by the kernel’s build' },
  { name: HEADER, package: 'libelf-dev', why: 'is needed by the kernel’s objtool' },
  { name: 'spatch', package: 'coccinelle', why: 'makes mutants', sparable: true },
  { name: 'ccache', package: 'ccache', why: 'spares compiling what was compiled before', sparable: true },
]

/** What this host lacks of it. */
export function missingBuildTools(): BuildTool[] {
  return BUILD_TOOLS.filter(({ name }) => !isBuildToolThere(name))
}

export function isBuildToolThere(name: string): boolean {
  // Whoever names a compiler in CC needs no gcc; that theirs works shows when it is asked for its version.
  if (name === 'gcc' && process.env.CC !== undefined) return true
  return name.startsWith('/') ? existsSync(name) : isThere(name)
}

/** Throws HostError that names what is missing, and the line that installs it. */
export function requireBuildTools(): void {
  const missing = missingBuildTools().filter(({ sparable }) => !sparable)
  if (missing.length === 0) return
  const names = missing.map((it) => `${it.name} (package ${it.package})`).join(', ')
  throw new HostError(
    `Building a kernel needs ${names}, which this machine lacks. All of it is installed by: ` +
      `xargs -a ${SOURCE_PACKAGES} ${process.getuid?.() === 0 ? '' : 'sudo '}apt-get install -y --no-install-recommends`,
  )
}
