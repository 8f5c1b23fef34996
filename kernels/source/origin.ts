import { mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { UsageError } from '../../harness/base/errors.ts'
import { whileLocked } from '../../harness/base/lock.ts'
import { hostOutput } from '../../harness/base/process.ts'
import { compareReleases, parseRelease, type Release } from '../../harness/base/release.ts'
import type { Store } from '../../harness/base/store.ts'
import { type Apt, openApt, type Package } from '../apt.ts'
import { familiesFor, isWanted } from '../choice.ts'
import { unpackDeb } from '../deb.ts'
import { compareDebianVersions, upstreamRelease } from '../debian-version.ts'
import type { SourceSpec } from '../spec.ts'
import { fileIn, git, type Repository } from './git.ts'
import { type Objects, openObjects } from './objects.ts'

export interface OriginOptions {
  readonly store: Store
  readonly log: (sentence: string) => void
  readonly etc: string
}

/** A tree to build, before any change of it. */
export interface Origin {
  /** Has the tree's objects, and takes those that patches and mutants make. */
  readonly repository: Repository
  /** Means exactly this tree for as long as Debian, or the user's repository, has it: `source:6.1.176-1`. */
  readonly name: string
  /** The id of the git tree object. */
  readonly tree: string
  /** The commit that it is the tree of; none for a package, and for files as they lie there. */
  readonly commit?: string
  /** As its Makefile says. */
  readonly version: Release
}

/**
 * Finds what a spec without its changes means, and makes its files available as git objects.
 * Throws UsageError when there is no such package, tree or revision, or when it is older than memory tiers.
 */
export async function openOrigin(spec: SourceSpec, options: OriginOptions): Promise<Origin> {
  const found = spec.kind === 'source' ? await debianSource(spec.wanted, options) : await userTree(spec, options)
  const version = await versionOf(found.repository, found.tree)
  if (version === undefined) throw new UsageError(`${found.name} is no tree of Linux: its Makefile names no version.`)
  if ((await fileIn(found.repository, found.tree, 'mm/memory-tiers.c')) === undefined)
    throw new UsageError(
      `${found.name} is Linux ${version.join('.')} without mm/memory-tiers.c: memory tiers came with 6.1, and there is ` +
        'nothing here that tierlab could judge.',
    )
  return { ...found, version }
}

/** Debian's linux-source package, committed once to a repository of ours. */
async function debianSource(wanted: string, { store, log, etc }: OriginOptions): Promise<Omit<Origin, 'version'>> {
  const { pkg, family } = await sourcePackage(wanted, { store, log, etc })
  const name = `source:${pkg.version}`
  const objects = await openObjects(store, { package: pkg.name, version: pkg.version, sha256: pkg.sha256 }, name)
  const done = join(objects.folder, 'tree')
  const tree = await whileLocked(objects.lock, async () => {
    const before = await readFile(done, 'utf8').catch(() => undefined)
    if (before !== undefined) return before
    const size = Math.ceil(pkg.size_bytes / 1024 ** 2)
    log(`Fetching and unpacking ${pkg.name} ${pkg.version} (${size} MiB); this is done once.`)
    const tree = await unpackSource(objects, pkg, await openApt({ store, family, log, etc }))
    // Written last, so that an interrupted import is made again.
    await writeFile(done, tree)
    return tree
  })
  return { repository: objects.repository, name, tree }
}

/** The files of the archive in a linux-source package, as a tree of git's. */
async function unpackSource({ folder, repository }: Objects, pkg: Package, apt: Apt): Promise<string> {
  const purpose = `Unpacking ${pkg.name}`
  const scratch = join(folder, 'scratch')
  const [archive, source] = [join(scratch, 'source.tar.xz'), join(scratch, 'source')]
  try {
    await rm(scratch, { recursive: true, force: true })
    await mkdir(source, { recursive: true })
    await unpackDeb(await apt.download(pkg, scratch), (path) => (path.endsWith('.tar.xz') ? archive : undefined))
    await hostOutput('tar', ['-xJf', archive, '--strip-components=1', '-C', source], { purpose })
    const unpacked = { ...repository, index: join(scratch, 'index'), workTree: source }
    // With the threshold so low, all goes to one pack, where 80,000 files would be.
    const packed = ['-c', 'core.bigFileThreshold=1', '-c', 'core.compression=1']
    await git(unpacked, [...packed, 'add', '--all', '--force', '.'], { purpose })
    return await git(unpacked, ['write-tree'], { purpose })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function sourcePackage(wanted: string, options: OriginOptions): Promise<{ pkg: Package; family: string }> {
  const offered: string[] = []
  for (const families of familiesFor(wanted)) {
    const found = await Promise.all(
      families.map(async (family) => {
        const apt = await openApt({ ...options, family })
        return (await apt.versions('linux-source-*'))
          .filter(({ name }) => /^linux-source-\d+\.\d+$/.test(name))
          .map((pkg) => ({ pkg, family }))
      }),
    )
    offered.push(...found.flat().map(({ pkg }) => pkg.version))
    const newest = found
      .flat()
      .filter(({ pkg }) => isWanted(wanted, pkg.version))
      .sort((a, b) => byVersion(b.pkg, a.pkg))
      .at(0)
    if (newest !== undefined) return newest
  }
  throw new UsageError(
    `Debian offers no linux-source of ${wanted}; there is ${offered.length > 0 ? [...new Set(offered)].sort().join(', ') : 'none that the mirror of this host has'}.`,
  )
}

function byVersion(a: Package, b: Package): number {
  const [x, y] = [upstreamRelease(a.version), upstreamRelease(b.version)]
  return (x && y ? compareReleases(x, y) : 0) || compareDebianVersions(a.version, b.version)
}

/** The user's repository is only read: its objects are seen from ours as alternates. */
async function userTree(
  { path, revision }: { path: string; revision: string | undefined },
  { store, log }: OriginOptions,
): Promise<Omit<Origin, 'version'>> {
  const place = await realpath(resolve(path)).catch(() => undefined)
  if (place === undefined) throw new UsageError(`There is no tree at ${path}.`)
  const theirs = await repositoryAt(place, path)
  const objects = await openObjects(store, { tree: place }, `tree:${place}`)
  const { repository } = objects
  await mkdir(join(repository.folder, 'objects', 'info'), { recursive: true })
  await writeFile(join(repository.folder, 'objects', 'info', 'alternates'), `${theirs.objects}\n`)
  if (revision === undefined) {
    const tree = await filesAsTheyLie(objects, theirs, path, log)
    return { repository, tree, name: `tree:${path}@${tree.slice(0, 12)}` }
  }
  const purpose = `Looking up ${revision} in ${path}`
  const named = `${revision}^{commit}`
  const commit = await git({ folder: theirs.folder }, ['rev-parse', '--verify', '--quiet', named], { purpose }).catch(
    (error: unknown) => {
      throw new UsageError(`${path} has no revision “${revision}”.`, { cause: error })
    },
  )
  const tree = await git(repository, ['rev-parse', `${commit}^{tree}`], { purpose })
  return { repository, tree, commit, name: `tree:${path}@${commit.slice(0, 12)}` }
}

interface UserRepository {
  readonly folder: string
  readonly objects: string
  /** Undefined for a bare repository. */
  readonly workTree: string | undefined
}

async function repositoryAt(place: string, path: string): Promise<UserRepository> {
  const purpose = `Looking at ${path}`
  const ask = (...args: string[]) =>
    hostOutput('git', ['-c', 'safe.directory=*', '-C', place, 'rev-parse', '--path-format=absolute', ...args], {
      purpose,
    })
  const folder = await ask('--git-dir').catch((error: unknown) => {
    throw new UsageError(
      `${path} is no git tree. Make it one (git init, git add -A, git commit), or take source:VERSION and patches.`,
      { cause: error },
    )
  })
  const objects = await ask('--git-path', 'objects')
  const bare = (await ask('--is-bare-repository')) === 'true'
  const workTree = bare ? undefined : await ask('--show-toplevel')
  if (workTree !== undefined && workTree !== place)
    throw new UsageError(`${path} is no git tree of its own but lies in that of ${workTree}; name the tree itself.`)
  return { folder, objects, workTree }
}

/** The tracked files of a work tree with what is not committed yet, written as objects of ours. */
async function filesAsTheyLie(
  { repository, folder }: Objects,
  theirs: UserRepository,
  path: string,
  log: (sentence: string) => void,
): Promise<string> {
  if (theirs.workTree === undefined)
    throw new UsageError(`${path} is a bare repository: name a revision, as in tree:${path}@HEAD.`)
  const purpose = `Reading the files of ${path}`
  const index = join(folder, `index-of-theirs-${process.pid}`)
  try {
    const theirIndex = join(theirs.folder, 'index')
    if (await stat(theirIndex).catch(() => undefined)) await writeFile(index, await readFile(theirIndex))
    const there = { folder: repository.folder, index, workTree: theirs.workTree }
    await git(there, ['add', '--all', '.'], { purpose })
    const tree = await git(there, ['write-tree'], { purpose })
    const head = await git({ folder: theirs.folder }, ['rev-parse', '--quiet', '--verify', 'HEAD^{tree}'], {
      purpose,
    }).catch(() => '')
    if (tree !== head)
      log(`${path} has changes that are not committed; they are built as well (tree:${path}@HEAD leaves them out).`)
    return tree
  } finally {
    await rm(index, { force: true })
  }
}

/** VERSION, PATCHLEVEL and SUBLEVEL of the Makefile. */
async function versionOf(repository: Repository, tree: string): Promise<Release | undefined> {
  const makefile = (await fileIn(repository, tree, 'Makefile'))?.toString() ?? ''
  const [version, level, sublevel] = ['VERSION', 'PATCHLEVEL', 'SUBLEVEL'].map(
    (name) => new RegExp(`^${name} = (\\d+)$`, 'm').exec(makefile)?.[1],
  )
  return parseRelease(`${version}.${level}.${sublevel ?? 0}`)
}
