import { parseKernelSpec } from '../../kernels/index.ts'
import { Store } from '../base/store.ts'
import { eraNamed } from '../model/eras.ts'
import { addRun } from '../queue/add.ts'
import { loadScenarios } from '../run/load.ts'
import { EXIT } from './exit-status.ts'
import { NEEDS, requirePrograms } from './host-check.ts'
import { type QueueOptions, withQueue } from './open-queue.ts'

export interface QueueAddOptions extends QueueOptions {
  readonly name: string
  readonly kernel?: readonly string[]
  readonly era?: string
  /** Seconds. */
  readonly bootTimeout?: number
  readonly repeat: number
  readonly fresh?: boolean
  readonly verifyRestore?: boolean
  /** Commander's word for --no-known-issues. */
  readonly knownIssues?: boolean
  readonly userland?: string
}

/** `tierlab queue add`. */
export async function queueAddCommand(files: readonly string[], options: QueueAddOptions): Promise<number> {
  const { name, kernel: kernels = ['debian'], era, repeat, userland, bootTimeout } = options
  const { fresh = false, verifyRestore = false, knownIssues = true } = options
  requirePrograms(NEEDS.kernel)
  kernels.forEach(parseKernelSpec)
  const scenarios = await loadScenarios(files)
  const manner = {
    ...{ fresh, verify_restore: verifyRestore, known_issues: knownIssues },
    ...(userland !== undefined && { userland }),
    ...(bootTimeout !== undefined && { boot_limit_ms: bootTimeout * 1000 }),
  }
  const log = (sentence: string) => process.stderr.write(`${sentence}\n`)
  return withQueue(options, async ({ connection, cells, tierlab }) => {
    const added = await addRun(connection, cells, {
      ...{ name, tierlab, store: new Store(), scenarios, kernels: [...new Set(kernels)], repeat, manner, log },
      ...(era !== undefined && { era: eraNamed(era) }),
    })
    const known = added.cells - added.added - added.done
    const rest = [
      ...(added.done > 0 ? [`${added.done} done before`] : []),
      ...(known > 0 ? [`${known} in the queue already`] : []),
      ...(added.skipped > 0 ? [`${added.skipped} skipped`] : []),
    ]
    process.stdout.write(`${[`${name}: ${added.added} of ${added.cells} cells added`, ...rest].join(', ')}\n`)
    return EXIT.passed
  })
}
