import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hashFile } from '../harness/base/digest.ts'
import { HostError, UsageError } from '../harness/base/errors.ts'
import { cacheError, hashOf, type Store } from '../harness/base/store.ts'
import { freshLists, refreshedLists } from './apt-lists.ts'
import { type AptState, aptComplaints, prepareAptState, replaceFile, runApt } from './apt-state.ts'
import { stanzas } from './sources.ts'

/** One binary package in one version, as a signed package index describes it. */
export interface Package {
  readonly name: string
  readonly version: string
  /** `amd64` or `all`. */
  readonly architecture: string
  /** Path on the mirror. */
  readonly filename: string
  readonly sha256: string
  readonly size_bytes: number
  /** Pre-Depends and Depends, in Debian's syntax. */
  readonly depends: string
}

/** Debian's archives for one release, asked through apt itself, without root and apart from the host's own state. */
export interface Apt {
  readonly family: string
  /** Every version of the packages whose whole name matches; `*` stands for anything, all else for itself. */
  versions(namePattern: string): Promise<Package[]>
  /**
   * What must be unpacked for these packages to work: they and all that they depend on, as apt would install them
   * on an empty system. A name may carry `=VERSION` or `/SUITE`. Throws UsageError when there is no such package.
   */
  closure(names: readonly string[]): Promise<Package[]>
  /**
   * Path of the verified .deb: in `folder` when that is given (the caller's to delete), else in a cache.
   * Throws HostError when it cannot be fetched or is not what the signed index promised.
   */
  download(pkg: Package, folder?: string): Promise<string>
  /** Fetches the lists again unless they are minutes old; true when asking again may give other answers. */
  refresh(): Promise<boolean>
}

export interface AptOptions {
  readonly store: Store
  /** `bookworm`, `trixie` or `sid`: the release with its updates, security and backports. */
  readonly family: string
  readonly log?: (sentence: string) => void
  /** apt's configuration folder, where the mirrors are read. */
  readonly etc?: string
}

export async function openApt({ store, family, log = () => {}, etc = '/etc/apt' }: AptOptions): Promise<Apt> {
  try {
    const state = await prepareAptState(join(store.root, 'apt', family), family, etc)
    return new PrivateApt(state, await freshLists(state, log), log)
  } catch (error) {
    throw cacheError(store.root, error)
  }
}

class PrivateApt implements Apt {
  readonly #state: AptState
  #lists: number
  readonly #log: (sentence: string) => void
  constructor(state: AptState, lists: number, log: (sentence: string) => void) {
    this.#state = state
    this.#lists = lists
    this.#log = log
  }

  get family(): string {
    return this.#state.family
  }

  versions(namePattern: string): Promise<Package[]> {
    return this.#remembered(['versions', namePattern], async () => {
      const purpose = `Reading Debian's package lists for ${this.family}`
      const star = namePattern.indexOf('*')
      const prefix = star < 0 ? namePattern : namePattern.slice(0, star)
      const pattern = globExpression(namePattern)
      const names = (await runApt(this.#state, 'apt-cache', ['pkgnames', prefix], { purpose })).split('\n')
      return this.#show(names.filter((name) => pattern.test(name)).sort())
    })
  }

  closure(names: readonly string[]): Promise<Package[]> {
    return this.#remembered(['closure', ...names], async () => {
      const plan = await runApt(this.#state, 'apt-get', ['-s', '-qq', '-y', 'install', '--', ...names], {
        purpose: `Working out what ${names.join(', ')} of Debian ${this.family} depend on`,
      }).catch((error: unknown) => {
        throw noSuchPackage(error, names, this.family) ?? error
      })
      const chosen = [...plan.matchAll(/^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) /gm)].map(
        ([, name = '', version = '']) => `${name.replace(/:.*/, '')}=${version}`,
      )
      return this.#show(chosen.sort())
    })
  }

  async download(pkg: Package, folder?: string): Promise<string> {
    const name = `${pkg.name}_${pkg.version.replaceAll(':', '%3a')}_${pkg.architecture}.deb`
    const path = join(folder ?? join(this.#state.folder, 'debs'), name)
    if ((await hashFile(path).catch(() => undefined)) === pkg.sha256) return path
    // Fetched beside its place and renamed, so that two processes may want the same package at once.
    const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
    try {
      await mkdir(draft, { recursive: true })
      const purpose = `Fetching ${pkg.name} ${pkg.version} from Debian's archive`
      await runApt(this.#state, 'apt-get', ['-qq', 'download', `${pkg.name}=${pkg.version}`], { purpose, cwd: draft })
      const [fetched] = await readdir(draft)
      if (fetched === undefined || (await hashFile(join(draft, fetched))) !== pkg.sha256)
        throw new HostError(
          `${purpose} gave a file that is not the one its index promises. ` +
            `The mirror is being updated or damaged: try again later, or delete ${this.#state.folder}.`,
        )
      await rename(join(draft, fetched), path)
      return path
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  }

  async refresh(): Promise<boolean> {
    const before = this.#lists
    this.#lists = await refreshedLists(this.#state, this.#log)
    return this.#lists !== before
  }

  async #show(packages: readonly string[]): Promise<Package[]> {
    const found = new Map<string, Package>()
    // A few hundred names a command: the kernel bounds the length of a command line.
    for (let from = 0; from < packages.length; from += 500) {
      const text = await runApt(this.#state, 'apt-cache', ['show', '--', ...packages.slice(from, from + 500)], {
        purpose: `Reading Debian's package lists for ${this.family}`,
      })
      // The same version may come from two suites.
      for (const pkg of stanzas(text).map(packageOf)) found.set(`${pkg.name}=${pkg.version}`, pkg)
    }
    return [...found.values()]
  }

  /** apt needs up to a second for an answer that does not change until the lists do. */
  async #remembered(question: readonly string[], ask: () => Promise<Package[]>): Promise<Package[]> {
    const path = join(this.#state.folder, 'answers', `${hashOf([this.#lists, ...question])}.json`)
    try {
      return JSON.parse(await readFile(path, 'utf8'))
    } catch {
      const answer = await ask()
      await replaceFile(path, JSON.stringify(answer))
      return answer
    }
  }
}

function globExpression(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)
}

function packageOf(field: Map<string, string>): Package {
  return {
    name: field.get('package') ?? '',
    version: field.get('version') ?? '',
    architecture: field.get('architecture') ?? '',
    filename: field.get('filename') ?? '',
    sha256: field.get('sha256') ?? '',
    size_bytes: Number(field.get('size') ?? 0),
    depends: [field.get('pre-depends'), field.get('depends')].filter((text) => text !== undefined).join(', '),
  }
}

function noSuchPackage(error: unknown, names: readonly string[], family: string): UsageError | undefined {
  const complaint = aptComplaints(error).find((line) => /Unable to locate|not found|no installation cand/.test(line))
  if (complaint === undefined) return undefined
  return new UsageError(`Debian ${family} does not offer all of ${names.join(', ')}. apt says: ${complaint}.`, {
    cause: error,
  })
}
