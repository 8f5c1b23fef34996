import { formatOption } from './options.ts'
import type { Words } from './words.ts'

const REPORT_HELP = `
RUNS are folders of records, as --out of a run names them: runs/latest, or the folder of one run. All that is below
them is in the page; runs of one scenario on one kernel are repetitions. Every run is judged anew, as by tierlab judge.
The page is one file that needs no network, and can be mailed or kept as an artefact of CI.

Exit status: 0 when the page is written, whatever the verdicts; 2 for a path that holds no run, or a folder that is
none; 69 when the page is written without runs that could not be read (they are named), or cannot be written.`

/** What was recorded: judged anew, told, compared. */
export function recordWords({ command, finished }: Words): void {
  command('judge <folder>', 'judge recorded runs anew, without a guest')
    .addOption(formatOption())
    .action(async (folder: string, options) => {
      finished(await (await import('../judge-command.ts')).judgeCommand(folder, options))
    })

  command('repro <run>', 'make a bundle of a recorded run that needs only QEMU and a shell, or a mail of it')
    .option('-o, --out <file>', 'the bundle, a tar (default: tierlab-repro-SCENARIO.tar)')
    .option('--text', 'print what a maintainer needs to know instead, as a mail of under 60 lines')
    .option('--vmlinux <file>', 'for --text: with debug information, to name the source lines of a stack')
    .addHelpText('after', '\nRUN is the folder of a run, or one with a single run that did not pass, like runs/latest.')
    .action(async (folder: string, options) => {
      finished(await (await import('../repro-command.ts')).reproCommand(folder, options))
    })

  command('merge <shards...>', 'make one run of the shards of a run, and report it')
    .requiredOption('-o, --out <folder>', 'the folder of the whole run, which must be new')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nA shard that is missing, or did not come to its end, makes the whole one that could not be told: status 69.',
    )
    .action(async (folders: string[], options) => {
      finished(await (await import('../merge-command.ts')).mergeCommand(folders, options))
    })

  command('compare <old> <new>', 'say what has changed since an earlier run; only a new failure fails')
    .addHelpText(
      'after',
      '\nA kernel is the same when it was asked for by the same word: debian:6.12 is, after its update.',
    )
    .action(async (old: string, now: string) => {
      finished(await (await import('../compare-command.ts')).compareCommand(old, now))
    })

  command('report <runs...>', 'make one page (index.html) of recorded runs, to be opened in a browser')
    .option('-o, --out <folder>', 'where the page goes; an index.html that is there is replaced', 'report')
    .option('--compare <runs>', 'an earlier run: what is new, fixed, flaky, slower, added or gone since')
    .addHelpText('after', REPORT_HELP)
    .action(async (runs: string[], options) => {
      finished(await (await import('../report-command.ts')).reportCommand(runs, options))
    })
}
