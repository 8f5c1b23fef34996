import { buildGuestImage } from '../../guest/image.ts'
import { type KernelRow, listKernels, resolveKernel } from '../../kernels/index.ts'
import { Store } from '../base/store.ts'
import { columns } from '../report/columns.ts'
import { VERSION } from '../version.ts'
import { EXIT } from './exit-status.ts'
import { NEEDS, requirePrograms } from './host-check.ts'
import { Interrupt } from './interrupt.ts'

const store = new Store()
const log = (sentence: string) => void process.stderr.write(`${sentence}\n`)

/** `tierlab kernels list`. When nothing is known, the log has said why. */
export async function listKernelsCommand({ json }: { json?: boolean }): Promise<number> {
  requirePrograms(NEEDS.kernel)
  using interrupt = new Interrupt()
  const rows = await interrupt.during(listKernels({ store, log }))
  if (json || rows.length > 0) process.stdout.write(json ? jsonOf(rows) : tableOf(rows))
  return rows.length > 0 ? EXIT.passed : EXIT.unknown
}

/** `tierlab kernels fetch SPEC…`: what a run would do first, so that the run needs no network. */
export async function fetchKernelsCommand(
  specs: readonly string[],
  { userland }: { userland?: string },
): Promise<number> {
  requirePrograms(NEEDS.kernel)
  using interrupt = new Interrupt()
  const work = async () => {
    for (const spec of specs) {
      const kernel = await resolveKernel(spec, { store, log })
      await buildGuestImage({ store, kernel, log, ...(userland !== undefined && { userland }) })
      process.stdout.write(`${kernel.name}\n`)
    }
  }
  await interrupt.during(work())
  return EXIT.passed
}

/** `tierlab kernels path SPEC`: the path and nothing else on standard output. */
export async function kernelPathCommand(spec: string): Promise<number> {
  requirePrograms(NEEDS.kernel)
  using interrupt = new Interrupt()
  const kernel = await interrupt.during(resolveKernel(spec, { store, log }))
  process.stdout.write(`${kernel.image}\n`)
  return EXIT.passed
}

function jsonOf(rows: readonly KernelRow[]): string {
  const kernels = rows.map(({ name, release, version, family, cached }) => ({
    ...{ name, release, version: version.join('.'), family: family ?? null, cached },
  }))
  return `${JSON.stringify({ tierlab: VERSION, kernels }, null, 2)}\n`
}

function tableOf(rows: readonly KernelRow[]): string {
  return columns([
    ['KERNEL', 'RELEASE', 'DEBIAN', 'CACHE'],
    ...rows.map(({ name, release, family, cached }) => [name, release, family ?? '–', cached ? 'yes' : '–']),
  ])
}
