import { Option } from 'commander'
import { collect, confidence, jobs, minutes, stepCount, times, whole } from './arguments.ts'
import { accelOption } from './options.ts'
import type { Words } from './words.ts'

/** Many kernels, or many scenarios, for one question. */
export function campaignWords({ command, finished }: Words): void {
  command('series [files...]', 'build a series patch by patch, and run scenarios on each kernel')
    .requiredOption('--base <spec>', 'the kernel below the first patch, built from source')
    .option('--mbox <file>', 'the patches: an mbox, or one patch')
    .option('--range <range>', 'commits of the tree that --base names, as A..B')
    .addOption(accelOption())
    .option('--era <name>', 'judge by the model of one era, like v13 (default: that of the kernel’s version)')
    .option('--out <folder>', 'where the records go (default: runs/TIME, and runs/latest points there)')
    .option('--jobs <number>', 'guests at one time, or auto: by cores and memory', jobs, 'auto')
    .action(async (files: string[], options) => {
      finished(await (await import('../series-command.ts')).seriesCommand(files, options))
    })

  command('explore', 'try random machines and steps that the model composes, and make what fails small')
    .option('--kernel <spec>', 'a kernel to explore; may be given several times (default: debian)', collect)
    .option('--seed <number>', 'the same seed, from the same coverage, composes the same runs', whole)
    .addOption(new Option('--runs <number>', 'end after so many runs (default: 100)').argParser(times))
    .addOption(new Option('--minutes <number>', 'begin nothing new after so many minutes').argParser(minutes))
    .option('--steps <number>', 'steps of a run', stepCount, 8)
    .option('--machine <file>', 'every run on this machine, a module that exports one; or random', 'random')
    .option('--replay <token>', 'one run once more, from the word that was printed with it')
    .option('--findings <number>', 'end after so many findings', times)
    .option('--shrink-runs <number>', 'how many runs may be spent on making a finding small', times, 80)
    .option('--shrink-boots <number>', 'how many of them on other machines, which must boot', times, 24)
    .option('--afresh', 'as if no exploration had been before: forget what was visited')
    .option('--corpus <folder>', 'keep runs that met something new there, each as a scenario in JSON')
    .option('--no-known-issues', 'find known issues as if nobody knew them')
    .addOption(accelOption())
    .option('--era <name>', 'judge by the model of one era, like v13 (default: that of the kernel’s version)')
    .option('--out <folder>', 'where records and findings go (default: runs/TIME, and runs/latest points there)')
    .option('--jobs <number>', 'guests at one time, or auto: by cores and memory', jobs, 'auto')
    .action(async (options) => {
      finished(await (await import('../explore-command.ts')).exploreCommand(options))
    })

  command('bisect', 'find the first kernel on which a scenario fails')
    .requiredOption('--good <spec>', 'a kernel on which it passes')
    .requiredOption('--bad <spec>', 'a later one on which it fails')
    .requiredOption('--scenario <file>', 'the scenario; may be given several times', collect)
    .option('--confidence <number>', 'how sure to be, for scenarios that do not fail each time', confidence, 0.99)
    .addOption(accelOption())
    .option('--era <name>', 'judge by the model of one era, like v13 (default: that of the kernel’s version)')
    .option('--out <folder>', 'where the records and the log go (default: runs/bisect-NAME, the same each time)')
    .option('--jobs <number>', 'guests at one time, or auto: by cores and memory', jobs, 'auto')
    .addHelpText(
      'after',
      `
GOOD and BAD are tree:PATH@A and tree:PATH@B (git's history decides what is between), SPEC and SPEC+FILE.mbox (the
patches of a series), or debian:A and debian:B (the versions that Debian has). The same command goes on after an
interruption. To bisect with git instead: git bisect run npx tierlab run FILE --kernel tree:. --bisect`,
    )
    .action(async (options) => {
      finished(await (await import('../bisect-command.ts')).bisectCommand(options))
    })

  command('mutate [mutants...]', 'break a kernel in one place after another, and see which scenario notices')
    .option('--kernel <spec>', 'the kernel to break, built from source', 'source:6.1')
    .option('--scenario <file>', 'scenarios to use, a file or a folder; may be given several times', collect)
    .addOption(accelOption())
    .option('--out <folder>', 'where the records go (default: runs/TIME, and runs/latest points there)')
    .option('--jobs <number>', 'guests at one time, or auto: by cores and memory', jobs, 'auto')
    .option('--table <file>', 'write the table of this kernel to a Markdown file, and leave those of others there')
    .option('--list', 'list the mutants and what each breaks, without a kernel')
    .action(async (names: string[], options) => {
      finished(await (await import('../mutate-command.ts')).mutateCommand(names, options))
    })
}
