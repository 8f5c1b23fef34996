import { userlandOption } from './options.ts'
import type { Words } from './words.ts'

/** Kernels: listed, fetched, located. */
export function kernelsWords({ program, finished }: Words): void {
  const kernels = program.command('kernels').description('list, fetch and locate kernels').helpCommand(false)
  kernels
    .command('list')
    .description('what Debian offers, and what is in the cache')
    .option('--json', 'as one JSON document')
    .option('--verbose', 'say where an error was made')
    .action(async (options) => {
      finished(await (await import('../kernels-command.ts')).listKernelsCommand(options))
    })
  kernels
    .command('fetch <specs...>')
    .description('prepare kernels and their guest images, so that a run needs no network')
    .addOption(userlandOption())
    .option('--verbose', 'say where an error was made')
    .action(async (specs: string[], options) => {
      finished(await (await import('../kernels-command.ts')).fetchKernelsCommand(specs, options))
    })
  kernels
    .command('path <spec>')
    .description('print the path of a kernel’s image')
    .option('--verbose', 'say where an error was made')
    .action(async (spec: string) => {
      finished(await (await import('../kernels-command.ts')).kernelPathCommand(spec))
    })
}
