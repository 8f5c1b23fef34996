import { formatSourceSpec, parseKernelSpec, resolveKernel, type SourceSpec } from '../../kernels/index.ts'
import { type Mutant, mutant, mutants } from '../../kernels/mutants.ts'
import { UsageError } from '../base/errors.ts'
import { Store } from '../base/store.ts'
import { Judging } from '../campaign/judging.ts'
import { fateLine, fateSummary, fateTable } from '../campaign/mutant-words.ts'
import { type MutantFate, mutate } from '../campaign/mutate.ts'
import type { AcceleratorWish } from '../machine/accelerator.ts'
import { columns } from '../report/columns.ts'
import { styleFor } from '../report/style.ts'
import type { Jobs } from '../run/budget.ts'
import { loadScenarios } from '../run/load.ts'
import { cacheBound, keepWithinBound } from './cache-command.ts'
import { EXIT } from './exit-status.ts'
import { NEEDS, requirePrograms } from './host-check.ts'
import { Interrupt } from './interrupt.ts'
import { OutFolder } from './out-folder.ts'
import { replaceSection } from './sections.ts'

export interface MutateOptions {
  readonly kernel: string
  readonly scenario?: readonly string[]
  readonly accel: AcceleratorWish
  readonly out?: string
  readonly jobs: Jobs
  readonly table?: string
  readonly list?: boolean
}

/** `tierlab mutate`: 0 when every mutant that can be told from the kernel was, 1 when one survived. */
export async function mutateCommand(names: readonly string[], options: MutateOptions): Promise<number> {
  const chosen = names.length === 0 ? await mutants() : await Promise.all(names.map((name) => mutant(name)))
  if (options.list) return list(chosen)
  const spec = sourceSpec(options.kernel)
  requirePrograms(NEEDS.guest)
  const bound = cacheBound()
  const scenarios = await loadScenarios(options.scenario ?? [])
  using interrupt = new Interrupt()
  const { signal } = interrupt
  const own = options.out === undefined ? new OutFolder() : undefined
  const store = new Store()
  const style = styleFor(process.stdout)
  const log = (sentence: string) => void process.stderr.write(`${sentence}\n`)
  const quiet = () => {}
  const fates: MutantFate[] = []
  const started = performance.now()
  own?.announce()
  const judging = new Judging({ ...options, out: options.out ?? own?.path ?? '', signal, log })
  try {
    await interrupt.during(
      mutate({
        ...{ mutants: chosen, scenarios, judging },
        kernel: (mutant, config) =>
          resolveKernel(formatSourceSpec(withMutant(spec, mutant, config)), {
            store,
            // The first build takes minutes, and says so; the others are told by their results.
            log: mutant === undefined ? log : quiet,
          }),
        tell(fate) {
          fates.push(fate)
          process.stdout.write(`${fateLine(fate, style)}\n`)
        },
      }),
    )
    return fates.some(({ fate }) => fate.kind === 'survived' || fate.kind === 'unchanged')
      ? EXIT.disagreed
      : fates.some(({ fate }) => fate.kind === 'unbuilt')
        ? EXIT.unknown
        : EXIT.passed
  } finally {
    if (fates.length > 0) process.stdout.write(`\n${fateSummary(fates, performance.now() - started)}\n`)
    if (options.table !== undefined && fates.length > 0)
      await replaceSection(options.table, options.kernel, fateTable(fates))
    const pruned = fates.length > 0 ? await keepWithinBound(store, bound) : undefined
    if (pruned !== undefined) log(pruned)
    own?.removeIfEmpty()
  }
}

/** Throws UsageError for a kernel that is not built from source. */
function sourceSpec(text: string): SourceSpec {
  const spec = parseKernelSpec(text)
  if (spec.kind === 'source' || spec.kind === 'tree') return spec
  throw new UsageError(`${text} is not built here, so that nothing in it can be broken. Take source:6.1 or tree:PATH.`)
}

function withMutant(spec: SourceSpec, mutant: Mutant | undefined, config: 'debug' | undefined): SourceSpec {
  return {
    ...spec,
    config: config ?? spec.config,
    changes: mutant === undefined ? spec.changes : [...spec.changes, { kind: 'mutant', name: mutant.name }],
  }
}

function list(chosen: readonly Mutant[]): number {
  const rows = chosen.map(({ name, kernels, breaks }) => [name, kernels.join(' '), breaks])
  process.stdout.write(columns([['MUTANT', 'KERNELS', 'BREAKS'], ...rows]))
  return EXIT.passed
}
