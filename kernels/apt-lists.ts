import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { HostError, hasCode, messageOf } from '../harness/base/errors.ts'
import { type AptState, aptComplaints, familySuites, replaceFile, runApt } from './apt-state.ts'

/** What is known of the lists. A mirror that does not answer is not asked again at once, hence the second time. */
interface Stamp {
  readonly sources: string
  readonly updated_ms: number
  readonly tried_ms: number
  /** Suites that the mirror does not have. */
  readonly missing: readonly string[]
}

const DAY_MS = 24 * 3600 * 1000
/** Lists younger than this are not fetched again because something is not in them. */
const RECENT_MS = 10 * 60 * 1000

/**
 * Brings package lists up to date when they are older than `olderThan_ms` (a day).
 * Without a network it goes on with lists that are there, and says so; with none it throws HostError. What the mirror
 * lacks counts as empty: many mirrors carry only some releases.
 * Returns the time of the lists, which names their state.
 */
export async function freshLists(
  state: AptState,
  log: (sentence: string) => void,
  olderThan_ms: number = DAY_MS,
): Promise<number> {
  const now_ms = Date.now()
  const stamp = await readStamp(state)
  if (stamp?.sources === state.sources && (await isComplete(state, stamp))) {
    if (now_ms - stamp.updated_ms < olderThan_ms || now_ms - stamp.tried_ms < RECENT_MS) return stamp.updated_ms
  }
  const outcome = await update(state, log)
  if (!(outcome instanceof HostError)) {
    await writeStamp(state, { sources: state.sources, updated_ms: now_ms, tried_ms: now_ms, missing: outcome })
    await forgetAnswers(state)
    return now_ms
  }
  if (stamp === undefined || !(await isComplete(state, stamp))) throw outcome
  const date = new Date(stamp.updated_ms).toISOString().slice(0, 16).replace('T', ' ')
  log(`Debian's package lists for ${state.family} could not be fetched; going on with those of ${date} UTC.`)
  await writeStamp(state, { ...stamp, sources: state.sources, tried_ms: now_ms })
  return stamp.updated_ms
}

/** Fetches the lists if they are not from the last minutes; returns their time. */
export function refreshedLists(state: AptState, log: (sentence: string) => void): Promise<number> {
  return freshLists(state, log, RECENT_MS)
}

/** The suites that the mirror lacks, or why the lists could not be fetched. */
async function update(state: AptState, log: (sentence: string) => void): Promise<string[] | HostError> {
  log(`Fetching Debian's package lists for ${state.family}.`)
  try {
    await runApt(state, 'apt-get', ['-qq', '-o', 'APT::Update::Error-Mode=any', 'update'], {
      purpose: `Fetching Debian's package lists for ${state.family}`,
      lock: 'exclusive',
    })
    return []
  } catch (error) {
    if (!(error instanceof HostError)) throw error
    // Without a cause apt was not even started: the disk is full.
    if (error.cause === undefined) return error
    const missing = missingSuites(error)
    if (missing === undefined)
      return new HostError(
        `${messageOf(error)} The mirror that this host's apt sources name must be reachable; check with “apt-get ` +
          'update”. What is in the cache keeps working without it by its exact name.',
        { cause: error },
      )
    log(`The mirror that this host's apt sources name does not offer ${missing.join(', ')}; going on without.`)
    return missing
  }
}

/** The suites that a mirror lacks, when that is all that went wrong. */
function missingSuites(error: HostError): string[] | undefined {
  const complaints = aptComplaints(error).filter((line) => !line.startsWith('Some index files failed'))
  const missing = complaints.map(
    (line) =>
      /'\S+ (\S+) Release' does not have a Release file/.exec(line)?.[1] ??
      // An archive on this host's disk. Over a network a missing index is a mirror in the middle of an update.
      /^Failed to fetch file:\S*\/dists\/([^/]+)\/\S+ +File not found/.exec(line)?.[1],
  )
  const known = missing.filter((suite) => suite !== undefined)
  return known.length > 0 && known.length === complaints.length ? [...new Set(known)] : undefined
}

async function isComplete({ family, folder }: AptState, { missing }: Stamp): Promise<boolean> {
  const first = familySuites(family).main[0] ?? family
  if (missing.includes(first)) return true
  const names = await readdir(join(folder, 'lists'))
  return names.some((name) => name.includes(`_${first}_main_binary-amd64_Packages`))
}

async function forgetAnswers({ folder }: AptState): Promise<void> {
  const answers = join(folder, 'answers')
  // Only what is finished: another process may be about to rename its draft.
  for (const name of await readdir(answers)) if (name.endsWith('.json')) await rm(join(answers, name), { force: true })
}

async function readStamp({ folder }: AptState): Promise<Stamp | undefined> {
  try {
    const stamp: Stamp = JSON.parse(await readFile(join(folder, 'updated.json'), 'utf8'))
    return Array.isArray(stamp.missing) ? stamp : undefined
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined
    throw error
  }
}

async function writeStamp({ folder }: AptState, stamp: Stamp): Promise<void> {
  await replaceFile(join(folder, 'updated.json'), JSON.stringify(stamp))
}
