import { Option } from 'commander'
import { collect, jobs, seconds, shard, times } from './arguments.ts'
import { accelOption, formatOption, userlandOption } from './options.ts'
import type { Words } from './words.ts'

/** Scenarios: written, read, run. */
export function runWords({ command, finished }: Words): void {
  command('run [files...]', 'run scenarios (tierlab’s own unless files or folders are named)')
    .option('--kernel <spec>', 'a kernel to run them on; may be given several times (default: debian)', collect)
    .addOption(accelOption())
    .option('--era <name>', 'judge by the model of one era, like v13 (default: that of the kernel’s version)')
    .option('--out <folder>', 'where the records go (default: runs/TIME, and runs/latest points there)')
    .addOption(formatOption())
    .option('--boot-timeout <seconds>', 'how long a guest may take to boot (default: 180, or 60 with kvm)', seconds)
    .option('--jobs <number>', 'guests at one time, or auto: by cores and memory', jobs, 'auto')
    .option('--repeat <times>', 'make each run so often, and tell which verdicts change', times, 1)
    .option('--fresh', 'boot every guest instead of restoring checkpoints, and make none')
    .addOption(
      new Option(
        '--verify-restore',
        'make each run twice, restored and booted, and fail on any difference between them',
      ).conflicts('fresh'),
    )
    .option(
      '--bisect',
      'exit as git bisect run wants it: 125 where it could not tell, 128 and more for what ends the bisection',
    )
    .option('--html [folder]', 'make a page of the runs as well, as tierlab report does (default: beside the records)')
    .addOption(
      new Option('--compare <runs>', 'an earlier run with which the page compares (makes one)').implies({ html: true }),
    )
    .option('--shard <i/n>', 'only the i-th of n parts; “tierlab merge” makes one run of all of them', shard)
    .option('--durations <run>', 'for --shard: an earlier run, by whose times the parts are made equally long')
    .option('--bail', 'stop after the first run that does not pass')
    .option('--no-known-issues', 'excuse nothing: what a known issue says of a kernel counts like all else')
    .addOption(userlandOption())
    .action(async (files: string[], options) => {
      finished(await (await import('../run-command.ts')).runCommand(files, options))
    })

  command('init [folder]', 'write a first scenario of your own, in this folder or another')
    .addHelpText('after', '\nThe folder may lie anywhere. Nothing that is there is overwritten.')
    .action(async (folder: string | undefined) => {
      finished(await (await import('../init-command.ts')).initCommand(folder ?? '.'))
    })

  command('list [files...]', 'list scenarios: their kernels, their steps, and why they are')
    .option('--json', 'as one JSON document')
    .action(async (files: string[], options) => {
      finished(await (await import('../list-command.ts')).listCommand(files, options))
    })

  command('explain <file>', 'say what a scenario must come to, step by step, without a guest')
    .option('--era <name>', 'the model of one era: 6.1, 6.12, … (default: all that the scenario is for)')
    .option('--kernel-version <version>', 'the era of this version of Linux')
    .action(async (file: string, options) => {
      finished(await (await import('../explain-command.ts')).explainCommand(file, options))
    })

  command('predict <machine>', 'say which tier each node of a machine is in, and why, without a guest')
    .option(
      '--kernel <spec>',
      'a kernel, of which only the version counts: debian:6.1, 6.12.95 (default: the newest era)',
    )
    .option('--era <name>', 'the model of one era: 6.1, 6.12, …, v13')
    .option('--online <nodes>', 'nodes whose NVDIMMs kmem brings online, like 1-2, or none (default: all)')
    .option('--json', 'as one JSON document')
    .addHelpText('after', '\nMACHINE is a module whose default export is a machine, or a scenario.')
    .action(async (file: string, options) => {
      finished(await (await import('../predict-command.ts')).predictCommand(file, options))
    })
}
