import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { HostError, hasCode, UsageError } from '../harness/base/errors.ts'
import { nearest } from '../harness/base/nearest.ts'
import { hostOutput } from '../harness/base/process.ts'

/** The series of Debian's that the catalogue knows: 7 is the newest. */
export const MUTANT_SERIES = ['6.1', '6.12', '7'] as const
export type MutantSeries = (typeof MUTANT_SERIES)[number]

/** One small thing that a patch could get wrong, as a semantic patch: kernels/mutants/NAME.cocci. */
export interface Mutant {
  /** The file's name without its ending, which says what is broken. */
  readonly name: string
  /** Path of the semantic patch. */
  readonly path: string
  /** A sentence: which rule of the kernel is broken. */
  readonly breaks: string
  /** Where that should show, and how. */
  readonly noticed: string
  /** The kernel's files that it changes, relative to the tree: each of them, on each of `kernels`. */
  readonly files: readonly string[]
  /** The series that it applies to. */
  readonly kernels: readonly MutantSeries[]
  /** Why it does not apply to the others; undefined when it applies to all. */
  readonly elsewhere: string | undefined
  /**
   * The scenarios most likely to notice it, the likeliest first, relative to scenarios/. None where none can: if
   * it is equivalent, or takes fault injection on a debug kernel.
   */
  readonly likely: readonly string[]
  /** `debug`: only a kernel that looks for leaks, or lets allocations fail, can tell it from the right one. */
  readonly config: 'debug' | undefined
  /** The series on which nothing that can be observed differs, and the proof in words. */
  readonly equivalent: { readonly kernels: readonly MutantSeries[]; readonly proof: string } | undefined
}

const FOLDER = resolve(import.meta.dirname, 'mutants')
const ENDING = '.cocci'

/** The whole catalogue by name, in alphabetical order. Throws UsageError for a bad header, with file and line. */
export async function mutants(folder = FOLDER): Promise<Mutant[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(ENDING)).sort()
  return Promise.all(
    files.map(async (file) => parseMutant(join(folder, file), await readFile(join(folder, file), 'utf8'))),
  )
}

/** One mutant. Throws UsageError, which offers the nearest name, when there is none of this name. */
export async function mutant(name: string, folder = FOLDER): Promise<Mutant> {
  const all = await mutants(folder)
  const found = all.find((one) => one.name === name)
  if (found !== undefined) return found
  const near = nearest(
    name,
    all.map((one) => one.name),
  )
  const offer = near === undefined ? 'kernels/mutants has them all' : `did you mean “${near}”?`
  throw new UsageError(`There is no mutant “${name}”; ${offer}`)
}

/** True when nothing that can be observed tells a kernel of the series from its mutant. */
export function isEquivalent({ equivalent }: Mutant, series: MutantSeries): boolean {
  return equivalent?.kernels.includes(series) ?? false
}

const REQUIRED = ['breaks', 'noticed', 'files', 'kernels'] as const
const OPTIONAL = ['elsewhere', 'config', 'likely', 'equivalent'] as const

/**
 * A mutant from the text of its file, which begins with lines `// key: text`, each key once, `//   ` going on with the
 * text before, and ends at the first line that is no comment. `equivalent on 6.1: …` says it of some series only.
 * Throws UsageError, naming file and line.
 */
export function parseMutant(path: string, text: string): Mutant {
  const name = /([^/]*)\.cocci$/.exec(path)?.[1] ?? ''
  const at = (line: number, problem: string) => new UsageError(`${path}:${line}: ${problem}`)
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw at(1, `“${name}” is no name of small letters, digits and hyphens.`)

  const lines = text.split('\n')
  const header = new Map<string, { line: number; text: string; on: string | undefined }>()
  let key: string | undefined
  const length = lines.findIndex((line) => !line.startsWith('//'))
  for (const [index, line] of lines.slice(0, length).entries()) {
    const more = /^\/\/ {3}(\S.*)$/.exec(line)?.[1]
    const entry = key === undefined ? undefined : header.get(key)
    if (more !== undefined && entry !== undefined) {
      entry.text += ` ${more}`
      continue
    }
    const [, word, on, rest] = /^\/\/ ([a-z]+)(?: on ([^:]+))?: (\S.*)$/.exec(line) ?? []
    if (word === undefined || rest === undefined) throw at(index + 1, `“${line}” is no line “// key: text”.`)
    if (![...REQUIRED, ...OPTIONAL].some((known) => known === word) || (on !== undefined && word !== 'equivalent'))
      throw at(index + 1, `the header has no “${word}${on === undefined ? '' : ` on ${on}`}”.`)
    if (header.has(word)) throw at(index + 1, `“${word}” is there twice.`)
    header.set(word, { line: index + 1, text: rest, on })
    key = word
  }
  for (const word of REQUIRED) if (!header.has(word)) throw at(length + 1, `the header lacks “${word}”.`)

  const list = (word: string, given = header.get(word)?.text) => given?.split(', ') ?? []
  const series = (word: string, given?: string) =>
    list(word, given).map((one) => {
      const known = MUTANT_SERIES.find((other) => other === one)
      if (known === undefined)
        throw at(header.get(word)?.line ?? 1, `“${one}” is none of the kernels ${MUTANT_SERIES.join(', ')}.`)
      return known
    })

  const kernels = series('kernels')
  const elsewhere = header.get('elsewhere')
  if (kernels.length < MUTANT_SERIES.length !== (elsewhere !== undefined))
    throw at(
      header.get('kernels')?.line ?? 1,
      '“elsewhere” says why a mutant does not apply to a kernel, and is there when it is so.',
    )
  const config = header.get('config')
  if (config !== undefined && config.text !== 'debug') throw at(config.line, '“config” can be debug only.')
  const proof = header.get('equivalent')
  const equivalent = proof && { kernels: series('equivalent', proof.on ?? kernels.join(', ')), proof: proof.text }
  const likely = list('likely')
  if (likely.length === 0 && config === undefined && kernels.some((one) => !equivalent?.kernels.includes(one)))
    throw at(length + 1, 'the header lacks “likely”, and some kernel of the mutant is not equivalent.')

  return {
    name,
    path,
    breaks: header.get('breaks')?.text ?? '',
    noticed: header.get('noticed')?.text ?? '',
    files: list('files'),
    kernels,
    elsewhere: elsewhere?.text,
    likely,
    config: config === undefined ? undefined : 'debug',
    equivalent,
  }
}

/**
 * No include files: a mutant is about one file, and a tree may be of chosen folders. No time-out of spatch's own, so
 * that a slow machine changes nothing. What it says of symbols that it takes for metavariables is no failure.
 */
const SPATCH = ['--very-quiet', '--no-includes', '--no-show-diff', '--in-place']

/**
 * Changes the files of a kernel tree as the mutant says, all or none, and returns them. Nothing else is read or written.
 * Throws UsageError when the mutant does not apply to this tree, HostError when spatch is missing or fails.
 */
export async function applyMutant(tree: string, mutant: Mutant): Promise<string[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'tierlab-mutant-'))
  try {
    for (const file of mutant.files) {
      const before = await readFile(join(tree, file)).catch((error: unknown) => {
        if (hasCode(error, 'ENOENT')) throw doesNotApply(tree, mutant, `it has no ${file}`)
        throw error
      })
      const copy = join(scratch, file)
      await mkdir(dirname(copy), { recursive: true })
      await copyFile(join(tree, file), copy)
      await spatch(mutant, copy)
      if (before.equals(await readFile(copy))) throw doesNotApply(tree, mutant, `nothing in ${file} is as it expects`)
    }
    for (const file of mutant.files) await copyFile(join(scratch, file), join(tree, file))
    return [...mutant.files]
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function spatch({ name, path }: Mutant, file: string): Promise<void> {
  const purpose = `Making the mutant ${name}`
  try {
    await hostOutput('spatch', [...SPATCH, '--sp-file', path, file], { purpose })
  } catch (error) {
    if (error instanceof HostError && hasCode(error.cause, 'ENOENT'))
      throw new HostError(
        `${purpose} needs the program spatch, which is not on this machine’s path: Debian’s package coccinelle has it.`,
        { cause: error },
      )
    throw error
  }
}

function doesNotApply(tree: string, { name, kernels }: Mutant, why: string): UsageError {
  return new UsageError(
    `The mutant ${name} does not apply to this tree: ${why} (${tree}). It is for ${kernels.join(', ')}.`,
  )
}
