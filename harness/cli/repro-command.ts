import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { buildGuestImage } from '../../guest/image.ts'
import { bootImage, resolveKernel } from '../../kernels/index.ts'
import { UsageError } from '../base/errors.ts'
import { shellLine, shellWords } from '../base/shell-words.ts'
import { Store } from '../base/store.ts'
import { type BootFiles, writeBundle } from '../repro/bundle.ts'
import { decoded } from '../repro/decode.ts'
import { mail } from '../repro/mail.ts'
import { replayOf } from '../repro/replay.ts'
import type { RunHead } from '../run/record.ts'
import { rejudge, runsBelow } from '../run/rejudge.ts'
import { RunFolder } from '../run/run-folder.ts'
import { isExpected } from '../run/verdict.ts'
import { EXIT } from './exit-status.ts'
import { NEEDS, requirePrograms } from './host-check.ts'
import { machineWords } from './machine-words.ts'

export interface ReproOptions {
  readonly out?: string
  readonly text?: boolean
  readonly vmlinux?: string
}

/** `tierlab repro`. */
export async function reproCommand(path: string, options: ReproOptions): Promise<number> {
  const folder = await theRun(path)
  const record = await new RunFolder(folder).read()
  const replay = replayOf(record, folder)
  const machine = machineWords(record.head.scenario.machine)
  if (options.text) {
    const vmlinux = options.vmlinux ?? builtBeside(record.head)
    const { excerpt } = replay.verdict
    const stack = vmlinux === undefined ? excerpt : await decoded(excerpt, vmlinux)
    const note = stack.some((line, index) => line !== excerpt[index])
      ? `decoded by ${vmlinux}`
      : 'not decoded: there is no vmlinux with debug information; --vmlinux names one'
    process.stdout.write(mail(replay, machine, stack, note))
    return EXIT.passed
  }
  const name = bundleName(record.head)
  const file = options.out ?? `${name}.tar`
  if (existsSync(file) && !statSync(file).isFile())
    throw new UsageError(`${file} is there already, and no file that a bundle could replace.`)
  await writeBundle(replay, await bootFiles(record.head), machine, name, file)
  process.stdout.write(`${file}: tar -xf ${shellLine([file])} && sh ${shellLine([join(name, 'run.sh')])}\n`)
  return EXIT.passed
}

/** Writes the bundle of a recorded run. */
export async function bundleRun(folder: string, file: string): Promise<void> {
  const record = await new RunFolder(folder).read()
  const machine = machineWords(record.head.scenario.machine)
  await writeBundle(replayOf(record, folder), await bootFiles(record.head), machine, bundleName(record.head), file)
}

function bundleName({ scenario }: RunHead): string {
  return `tierlab-repro-${scenario.name.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^-+|-+$/g, '')}`
}

/** The run that is meant: the only one there, or the only one that did not pass. */
async function theRun(path: string): Promise<string> {
  const folders = await runsBelow(path)
  const [first] = folders
  if (folders.length === 1 && first !== undefined) return first
  const results = await Promise.all(folders.map(rejudge))
  const bad = folders.filter((_folder, index) => {
    const verdict = results[index]?.verdict
    return verdict !== undefined && !isExpected(verdict) && verdict.verdict !== 'broken'
  })
  const [only] = bad
  if (bad.length === 1 && only !== undefined) return only
  if (only === undefined) throw new UsageError(`All ${folders.length} runs in ${path} have passed, or tell nothing.`)
  throw new UsageError(`${bad.length} runs in ${path} did not pass; name one of them: ${bad.join(', ')}.`)
}

/** A tree of sources that was built has its vmlinux at its root. */
function builtBeside({ kernel }: RunHead): string | undefined {
  const [, tree] = /^tree:([^@+]+)/.exec(kernel.spec) ?? []
  const vmlinux = tree === undefined ? undefined : join(tree, 'vmlinux')
  return vmlinux !== undefined && existsSync(vmlinux) ? vmlinux : undefined
}

/** Those of the record, while the cache has them; else they are fetched and built again. */
async function bootFiles(head: RunHead): Promise<BootFiles> {
  const words = shellWords(head.command_line)
  const after = (option: string) => words[words.indexOf(option) + 1] ?? ''
  const recorded = { kernel: after('-kernel'), initramfs: after('-initrd') }
  if (existsSync(recorded.kernel) && existsSync(recorded.initramfs)) return recorded
  requirePrograms(NEEDS.kernel)
  const store = new Store()
  const log = (sentence: string) => void process.stderr.write(`${sentence}\n`)
  const kernel = await resolveKernel(head.kernel.name, { store, log })
  if (kernel.hash !== head.kernel.hash)
    throw new UsageError(
      `The kernel of this run is no longer in the cache, and ${head.kernel.name} is another now. Make the run again.`,
    )
  const image = await buildGuestImage({ store, kernel, log, userland: head.userland.family })
  if (image.hash !== head.guest)
    log('The guest’s programs are others than those of the record, which the cache no longer has.')
  return { kernel: (await bootImage(kernel, { store, log })).path, initramfs: image.initramfs }
}
