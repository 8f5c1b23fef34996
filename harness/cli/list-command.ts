import { dirname } from 'node:path'
import { styleFor } from '../report/style.ts'
import { wrap } from '../report/width.ts'
import { loadScenarios } from '../run/load.ts'
import type { LoadedScenario } from '../run/plan.ts'
import { isPin } from '../scenario.ts'
import { VERSION } from '../version.ts'
import { EXIT } from './exit-status.ts'

/** `tierlab list`: what there is to run. */
export async function listCommand(files: readonly string[], options: { json?: boolean }): Promise<number> {
  const rows = (await loadScenarios(files)).map(rowOf)
  process.stdout.write(
    options.json ? `${JSON.stringify({ tierlab: VERSION, scenarios: rows }, null, 2)}\n` : text(rows),
  )
  return EXIT.passed
}

interface Row {
  readonly file: string
  readonly name: string
  readonly kernels: string
  readonly steps: number
  readonly why: string
}

function rowOf({ file, scenario }: LoadedScenario): Row {
  const { name, kernels, why, steps } = scenario
  return { file, name, kernels, steps: steps.filter((item) => !isPin(item)).length, why }
}

function text(rows: readonly Row[]): string {
  const style = styleFor(process.stdout)
  const columns = process.stdout.isTTY ? Math.min(process.stdout.columns || 80, 120) : 120
  const lines = rows.flatMap(({ file, name, kernels, steps, why }, index) => [
    ...(index > 0 && dirname(file) !== dirname(rows[index - 1]?.file ?? '') ? [''] : []),
    `${style.bold(name)}`,
    `  ${file}`,
    `  kernels ${kernels}, ${steps} step${steps === 1 ? '' : 's'}`,
    ...wrap(why, columns - 2).map((line) => `  ${style.dim(line)}`),
  ])
  return `${lines.join('\n')}\n`
}
