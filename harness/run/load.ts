import { existsSync, statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { InvalidMachine, messageOf, UsageError } from '../base/errors.ts'
import type { Scenario } from '../scenario.ts'
import type { LoadedScenario } from './plan.ts'
import { RecordedScenario } from './record.ts'

/** The folder of scenarios that come with tierlab. */
export const SCENARIOS = resolve(import.meta.dirname, '../../scenarios')
const CORPUS = join(SCENARIOS, 'corpus')

/**
 * Loads scenario files (.ts, or .json as `explore --corpus` writes them); a folder stands for all *.ts and
 * *.scenario.json in and below it; none stands for those that come with tierlab.
 * Throws UsageError, or InvalidMachine, that begins with the file's name.
 */
export async function loadScenarios(paths: readonly string[]): Promise<LoadedScenario[]> {
  const files = (await Promise.all((paths.length > 0 ? paths : [SCENARIOS]).map(filesAt))).flat()
  const loaded: LoadedScenario[] = []
  for (const file of [...new Set(files)].sort()) loaded.push(await loadFile(file))
  return loaded
}

async function filesAt(path: string): Promise<string[]> {
  if (!existsSync(path))
    throw new UsageError(`There is no scenario file or folder ${path}. “tierlab list” shows what there is.`)
  if (!statSync(path).isDirectory()) return [resolve(path)]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  // Another file of JSON in a folder, a tsconfig.json say, is none.
  const isScenario = ({ name }: { name: string }) => name.endsWith('.ts') || name.endsWith('.scenario.json')
  // What exploration has kept, and what takes minutes, is run by whoever names it: the nightly does.
  const isOwn = ({ parentPath }: { parentPath: string }) =>
    path !== SCENARIOS || !resolve(parentPath).startsWith(CORPUS)
  const files = entries.filter((entry) => entry.isFile() && isScenario(entry) && isOwn(entry))
  if (files.length === 0) throw new UsageError(`There is no scenario in the folder ${path}.`)
  return files.map((entry) => resolve(join(entry.parentPath, entry.name)))
}

async function loadFile(path: string): Promise<LoadedScenario> {
  const file = relative(process.cwd(), path)
  let exported: unknown
  try {
    if (path.endsWith('.json')) {
      const parsed = RecordedScenario.safeParse(JSON.parse(await readFile(path, 'utf8')))
      if (!parsed.success) throw new UsageError(`it is no scenario:\n${z.prettifyError(parsed.error)}`)
      return { scenario: parsed.data, file }
    }
    const module: unknown = await import(pathToFileURL(path).href)
    exported = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  } catch (cause) {
    if (cause instanceof InvalidMachine) throw new InvalidMachine(`${file}: ${cause.message}`, { cause })
    throw new UsageError(`${file} cannot be loaded: ${messageOf(cause)}`, { cause })
  }
  if (!isScenario(exported))
    throw new UsageError(`${file} exports no scenario. Write “export default scenario('…', { … })”.`)
  return { scenario: exported, file }
}

function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && 'name' in value && 'steps' in value && 'machine' in value
}
