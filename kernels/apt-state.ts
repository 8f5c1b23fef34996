import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HostError, hasCode } from '../harness/base/errors.ts'
import { hostOutput } from '../harness/base/process.ts'
import { hashOf } from '../harness/base/store.ts'
import { hostMirrors, type Mirror, type Mirrors } from './sources.ts'

/** apt's files in a folder of our own: nothing of the host's package state is read, changed or locked. */
export interface AptState {
  readonly folder: string
  readonly family: string
  /** Names the mirrors: lists that were fetched from others do not count. */
  readonly sources: string
}

export async function prepareAptState(folder: string, family: string, etc: string): Promise<AptState> {
  for (const path of ['lists/partial', 'cache/archives/partial', 'state', 'sources.d', 'debs', 'answers'])
    await mkdir(join(folder, path), { recursive: true })
  // An empty status: what happens to be installed on this host must not decide what a guest needs.
  await replaceFile(join(folder, 'status'), '')
  await replaceFile(join(folder, 'apt.conf'), configuration(folder))
  const sources = familySources(family, await hostMirrors(etc))
  await replaceFile(join(folder, 'sources.d', 'debian.sources'), sources)
  return { folder, family, sources: hashOf(sources) }
}

/**
 * Runs an apt program on the private state. `update` needs the lists to itself and readers share them, because a
 * reader that comes between two renames of an update sees lists that do not belong together.
 */
export async function runApt(
  { folder }: AptState,
  program: 'apt-get' | 'apt-cache',
  args: readonly string[],
  { purpose, cwd, lock = 'shared' }: { purpose: string; cwd?: string; lock?: 'shared' | 'exclusive' },
): Promise<string> {
  if (lock === 'exclusive') await requireSpace(folder, purpose)
  const flock = [`--${lock}`, '--timeout', '600', join(folder, 'lock'), program, '-c', join(folder, 'apt.conf')]
  try {
    // apt translates its messages, and one of them (a missing suite) is recognised.
    const env = { LC_ALL: 'C.UTF-8', LANGUAGE: '' }
    const options = { purpose, env, timeout_ms: LIMIT_MS, ...(cwd !== undefined && { cwd }) }
    return await hostOutput('flock', [...flock, ...args], options)
  } catch (error) {
    const [complaint] = aptComplaints(error)
    if (complaint === undefined) throw error
    throw new HostError(`${purpose} failed. apt says: ${complaint}.`, { cause: error })
  }
}

const LIMIT_MS = 900_000
/** One family's lists and apt's index of them take 71 MB. */
const LISTS_BYTES = 100 * 1024 * 1024

/** On a full disk apt does not fail: its methods wait for each other for ever. So it is not started. */
async function requireSpace(folder: string, purpose: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= LISTS_BYTES) return
  const free = Math.floor((bavail * bsize) / 1024 / 1024)
  throw new HostError(
    `${purpose} needs 100 MiB, and the disk that holds ${folder} has ${free} MiB free. Free some space, or set XDG_CACHE_HOME.`,
  )
}

/** The errors that apt wrote, without its mark; none when it was not apt that failed. */
export function aptComplaints(error: unknown): string[] {
  const causes = [error, causeOf(error), causeOf(causeOf(error))]
  const apt = causes.find((cause) => cause instanceof Error && 'stderr' in cause)
  if (!(apt instanceof Error) || !('stderr' in apt)) return []
  const lines = String(apt.stderr).split('\n')
  return lines.filter((line) => line.startsWith('E: ')).map((line) => line.slice(3).trim().replace(/\.$/, ''))
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined
}

/** Release, updates, security and backports of one Debian release; sid is a single suite. */
export function familySuites(family: string): { main: string[]; security: string[] } {
  if (family === 'sid') return { main: ['sid'], security: [] }
  return { main: [family, `${family}-updates`, `${family}-backports`], security: [`${family}-security`] }
}

/** The family's sources in deb822 format, which can hold an embedded key. */
export function familySources(family: string, { main, security }: Mirrors): string {
  const suites = familySuites(family)
  const texts = [stanza(main, suites.main)]
  if (security && suites.security.length > 0) texts.push(stanza(security, suites.security))
  return texts.join('\n')
}

function stanza({ uri, signedBy, trusted }: Mirror, suites: readonly string[]): string {
  const lines = ['Types: deb', `URIs: ${uri}`, `Suites: ${suites.join(' ')}`, 'Components: main']
  // Only package indexes: no translations, file lists or desktop metadata.
  lines.push('Architectures: amd64', 'Targets: Packages')
  if (signedBy !== undefined) lines.push(`Signed-By: ${signedBy}`)
  if (trusted) lines.push('Trusted: yes')
  return `${lines.join('\n')}\n`
}

function configuration(folder: string): string {
  const at = (name: string) => JSON.stringify(join(folder, name))
  return `// Read after the host's configuration (proxies and credentials stay), so what would reach outside is cleared here.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear APT::Architectures;
#clear APT::Default-Release;
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Install-Recommends "false";
APT::Install-Suggests "false";
// As root, apt would fetch as another user, who may not enter this folder.
APT::Sandbox::User "root";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts ${at('sources.d')};
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State ${at('state')};
Dir::State::lists ${at('lists')};
Dir::State::status ${at('status')};
Dir::Cache ${at('cache')};
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Acquire::GzipIndexes "true";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
`
}

/** Writes a file, unless it holds this text already, so that no reader sees half of it. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const old = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  })
  if (old === text) return
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    await writeFile(draft, text)
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}
