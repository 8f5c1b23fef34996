import { existsSync, statSync } from 'node:fs'
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, relative, resolve } from 'node:path'
import { HostError, hasCode, messageOf, UsageError } from '../base/errors.ts'
import { shellWord } from '../base/shell-words.ts'
import { EXIT } from './exit-status.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const API = join(ROOT, 'harness/index.ts')
const SCENARIO = 'my.scenario.ts'

/**
 * `tierlab init`: a first scenario of one's own in a folder, made if need be, and a tsconfig.json for the editor unless
 * there is one. Throws UsageError when the scenario is there already, HostError when it cannot be written.
 */
export async function initCommand(folder: string): Promise<number> {
  const file = join(folder, SCENARIO)
  if (existsSync(folder) && !statSync(folder).isDirectory()) throw new UsageError(`${folder} is not a folder.`)
  await written(folder, () => mkdir(folder, { recursive: true }))
  if (!(await make(file, await readFile(join(ROOT, 'templates', SCENARIO), 'utf8'))))
    throw new UsageError(`${file} is there already, and nothing is overwritten. Name another folder.`)
  const settings = join(folder, 'tsconfig.json')
  const made = await make(settings, `${JSON.stringify(await settingsFor(folder), null, 2)}\n`)
  process.stdout.write(`${next(file, made ? settings : undefined).join('\n')}\n`)
  return EXIT.passed
}

/** False when there is such a file, which stays as it is. */
async function make(file: string, text: string): Promise<boolean> {
  return written(file, async () => {
    try {
      await writeFile(file, text, { flag: 'wx' })
      return true
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false
      throw error
    }
  })
}

async function written<T>(path: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make()
  } catch (cause) {
    throw new HostError(`${path} cannot be written (${messageOf(cause)}).`, { cause })
  }
}

/** For editors and tsc alone: tierlab itself finds `tierlab` from any folder, and reads no tsconfig.json there. */
async function settingsFor(folder: string): Promise<object> {
  const paths = (await isInstalledFor(folder)) ? {} : { paths: { tierlab: [types()] } }
  return {
    compilerOptions: {
      ...{ strict: true, noEmit: true, skipLibCheck: true, module: 'nodenext', target: 'es2022' },
      // Where tierlab’s own sources are its types: they import with .ts, and use structuredClone.
      ...{ allowImportingTsExtensions: true, lib: ['es2023', 'esnext.disposable', 'dom'], types: [], ...paths },
    },
    include: ['**/*.ts'],
  }
}

/** Declarations are made when tierlab is packed; a clone has its sources. */
function types(): string {
  const declared = join(ROOT, 'types/index.d.ts')
  return existsSync(declared) ? declared : API
}

/** Whether `tierlab` is this tierlab to a module in the folder already, as in a project that has it from npm. */
async function isInstalledFor(folder: string): Promise<boolean> {
  try {
    const found = createRequire(join(resolve(folder), 'x.js')).resolve('tierlab')
    return (await realpath(found)) === (await realpath(API))
  } catch {
    return false
  }
}

function next(file: string, settings: string | undefined): string[] {
  const word = shellWord(relative('', file))
  const explain = `  npx tierlab explain ${word}`
  const run = `  npx tierlab run ${word}`
  const width = Math.max(explain.length, run.length) + 2
  return [
    `Written: ${file}${settings === undefined ? '' : `, and ${settings}, with which an editor checks it`}`,
    '',
    'Next:',
    `${explain.padEnd(width)}# what the model says, step by step, without a guest`,
    `${run.padEnd(width)}# boots a kernel, and compares it with that`,
    '',
    `Then change it: ${near(join(ROOT, 'docs/scenarios.md'))} lists all machines and steps.`,
  ]
}

/** A path from here, unless it leads out of here. */
function near(path: string): string {
  const short = relative('', path)
  return short.startsWith('..') ? path : short
}
