import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { hashFile } from '../../harness/base/digest.ts'
import { HostError, SourceError } from '../../harness/base/errors.ts'
import { hostOutput, isThere, wordsOf } from '../../harness/base/process.ts'
import { hashOf } from '../../harness/base/store.ts'
import { readImage } from '../image.ts'
import { kernelPaths, writeRecord } from '../kernel.ts'
import { checkRequired, copyModules, dependenciesOf, wantedClosure } from '../module-tree.ts'
import { checkConfig, formatFragment, type Wanted } from './config.ts'
import { GCOV_VARIABLES, gcovOf, keepNotes } from './gcov.ts'
import { git, type Repository } from './git.ts'
import { checkOut, inWorkTree, type WorkTree } from './work-tree.ts'

/** One kernel to be built. */
export interface Build {
  /** For people: `source:6.1.176-1+mutant:v13-constants`. */
  readonly name: string
  readonly repository: Repository
  readonly workTree: WorkTree
  readonly tree: string
  /** Names the folder of objects: builds of one configuration share it. */
  readonly config: string
  readonly wanted: readonly Wanted[]
  readonly compiler: Compiler
}

export interface Compiler {
  /** CC of the environment, or gcc. */
  readonly command: string
  /** The first line that it says of itself. */
  readonly version: string
}

export async function findCompiler(): Promise<Compiler> {
  const command = process.env.CC ?? 'gcc'
  const said = await hostOutput(command, ['--version'], { purpose: 'Looking for a compiler' })
  return { command, version: said.split('\n')[0] ?? '' }
}

/**
 * Builds the tree, as far as it differs from what was built last, and fills `draft`, an entry of the cache under
 * construction, with its vmlinux, configuration and modules. Equal sources give equal bytes: the kernel's time, user and
 * host are fixed.
 * Throws SourceError with the compiler's words; HostError when the configuration lacks what was asked for.
 */
export async function buildKernel(build: Build, draft: string, log: (sentence: string) => void): Promise<void> {
  await inWorkTree(build.workTree, async () => {
    const objects = join(build.workTree.folder, build.config)
    await mkdir(objects, { recursive: true })
    await checkOut(build.workTree, build.repository, build.tree)
    const config = await configure(build, objects)
    checkConfig(build.name, config, build.wanted)
    log(`Building ${build.name}.`)
    // A vmlinux is linked last and begins at its PVH entry; without that entry QEMU needs the bzImage made of it.
    const image = /^CONFIG_PVH=y$/m.test(config) ? 'vmlinux' : 'arch/x86/boot/bzImage'
    const counts = /^CONFIG_GCOV_KERNEL=y$/m.test(config)
    await make(build, objects, [basename(image), 'modules', ...(counts ? GCOV_VARIABLES : [])])
    if (counts) await keepNotes(objects, draft)
    await collect(build, objects, image, draft, counts)
  })
}

/** Done again only when the fragments, the compiler or the tree's Kconfig files have changed. */
async function configure(build: Build, objects: string): Promise<string> {
  const fragment = formatFragment(build.wanted)
  const files = await git(build.repository, ['ls-tree', '-r', build.tree], { purpose: 'Listing the tree' })
  const kconfig = files.split('\n').filter((line) => /\/?Kconfig[^/]*$/.test(line))
  const state = hashOf([fragment, build.compiler.version, kconfig])
  const stateFile = join(objects, 'tierlab.state')
  if ((await readFile(stateFile, 'utf8').catch(() => undefined)) !== state) {
    const fragmentFile = join(objects, 'tierlab.config')
    await writeFile(fragmentFile, fragment)
    await make(build, objects, [`KCONFIG_ALLCONFIG=${fragmentFile}`, 'allnoconfig'])
    await writeFile(stateFile, state)
  }
  return readFile(join(objects, '.config'), 'utf8')
}

async function collect(build: Build, objects: string, image: string, draft: string, counts: boolean): Promise<void> {
  const paths = kernelPaths(draft)
  await copyFile(join(objects, image), paths.image)
  await copyFile(join(objects, '.config'), paths.config)
  const { release, version } = await readImage(paths.image)
  const scratch = join(draft, 'scratch')
  // depmod is run once, over the modules that are kept.
  await make(build, objects, [`INSTALL_MOD_PATH=${scratch}`, 'INSTALL_MOD_STRIP=1', 'DEPMOD=true', 'modules_install'])
  const tree = join(scratch, 'lib', 'modules', release)
  const modules = wantedClosure(await dependenciesOf(tree, release, scratch))
  await checkRequired(build.name, tree, modules, await readFile(paths.config, 'utf8'))
  await copyModules(tree, release, modules, draft)
  const content = hashOf([
    await hashFile(paths.image),
    ...(await Promise.all(modules.map(async (module) => [module, await hashFile(join(tree, module))]))),
  ])
  await rm(scratch, { recursive: true, force: true })
  const { name, compiler } = build
  const gcov = counts ? { gcov: gcovOf(compiler.command) } : {}
  await writeRecord(draft, { name, release, version, config: true, modules: true, packages: [], content, ...gcov })
}

async function make(build: Build, objects: string, targets: readonly string[]): Promise<void> {
  const compiler = isThere('ccache') ? `ccache ${build.compiler.command}` : build.compiler.command
  const jobs = `-j${availableParallelism()}`
  const args = ['-C', build.workTree.source, `O=${objects}`, jobs, '-s', `CC=${compiler}`, ...targets]
  const purpose = `Building ${build.name}`
  await hostOutput('make', args, { purpose, env: { ...REPRODUCIBLE, ...CCACHE } }).catch((error: unknown) => {
    throw error instanceof HostError && wordsOf(error) !== '' ? buildFailure(build, error) : error
  })
}

/** Equal sources give equal bytes, wherever and whenever they are built. */
const REPRODUCIBLE = {
  KBUILD_BUILD_TIMESTAMP: 'Thu Jan  1 00:00:00 UTC 1970',
  KBUILD_BUILD_USER: 'tierlab',
  KBUILD_BUILD_HOST: 'tierlab',
  KBUILD_BUILD_VERSION: '1',
  // Set and empty: no “+” for a tree that is no tagged commit; and no repository around the cache is asked.
  LOCALVERSION: '',
  GIT_DIR: '/nonexistent',
}

/** The kernel's build writes what each object depends on, so that ccache need not preprocess what it has not seen. */
const CCACHE = { CCACHE_DEPEND: '1' }

function buildFailure({ name, compiler, workTree }: Build, error: HostError): SourceError {
  const words = compilerWords(wordsOf(error), workTree.source)
  const old = wantsOlderCompiler(words)
    ? ` The tree is older than its compiler (${compiler.version}): take one of its time, as in CC=gcc-12.`
    : ''
  return new SourceError(`${name} does not build.${old}`, 'build', words, { cause: error })
}

/**
 * C23, the default since GCC 15, has `false`, `true` and `bool` as keywords; Linux asks for an older C everywhere only
 * since 6.14. Source: what GCC 15.3 says of include/linux/stddef.h and types.h.
 */
export function wantsOlderCompiler(words: readonly string[]): boolean {
  return words.some((line) =>
    /cannot use keyword .(?:false|true|bool).|is a keyword with .-std=c23. onwards/.test(line),
  )
}

const MOST_WORDS = 12

/** The errors with what the compiler shows of each, without make's own complaints, paths as in the tree. */
export function compilerWords(stderr: string, source: string): string[] {
  const lines = stderr
    .split('\n')
    .map((line) => line.replaceAll(`${source}/`, '').trimEnd())
    .filter((line) => line !== '' && !/^make(\[\d+\])?: /.test(line))
  const first = lines.findIndex((line) => /\berror\b|undefined reference|\bERROR\b/i.test(line))
  return (first < 0 ? lines.slice(-MOST_WORDS) : lines.slice(Math.max(0, first - 1))).slice(0, MOST_WORDS)
}
