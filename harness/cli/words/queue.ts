import { Option } from 'commander'
import { collect, jobs, runName, seconds, size, times } from './arguments.ts'
import { accelOption, formatOption, userlandOption } from './options.ts'
import type { Words } from './words.ts'

const QUEUE_HELP = `
A run that is added is a cell for each scenario and kernel. Any number of workers, on any machine that reaches the Redis,
take them; a cell whose worker dies is taken over. “status --wait” waits, “collect” writes the folder of a run as tierlab
run makes it, for judge, report, compare and merge. Who may write to the Redis can run programs where workers do.

Exit status of status and collect: that of the run, and 69 while a cell of it has no result.`

/** Runs on several machines. */
export function queueWords({ program, finished }: Words): void {
  const queue = program
    .command('queue')
    .description('run scenarios on several machines, through a Redis')
    .helpCommand(false)
    .addHelpText('after', QUEUE_HELP)
  const queueCommand = (words: string, description: string) =>
    queue
      .command(words)
      .description(description)
      .option(
        '--redis <address>',
        'redis://HOST:PORT, or the path of a socket (default: $TIERLAB_REDIS, or this host’s)',
      )
      .option('--verbose', 'say more: each step, and where an error was made')
  queueCommand('add [files...]', 'add a run: its cells wait for workers; what is known already is not added again')
    .requiredOption('--name <run>', 'what the run is called', runName)
    .option('--kernel <spec>', 'a kernel to run them on; may be given several times (default: debian)', collect)
    .option('--era <name>', 'judge by the model of one era, like v13 (default: that of the kernel’s version)')
    .option('--boot-timeout <seconds>', 'how long a guest may take to boot (default: 180, or 60 with kvm)', seconds)
    .option('--repeat <times>', 'make each run so often, and tell which verdicts change', times, 1)
    .option('--fresh', 'boot every guest instead of restoring checkpoints, and make none')
    .addOption(
      new Option('--verify-restore', 'make each run twice, restored and booted, and fail on any difference').conflicts(
        'fresh',
      ),
    )
    .option('--no-known-issues', 'excuse nothing: what a known issue says of a kernel counts like all else')
    .addOption(userlandOption())
    .action(async (files: string[], options) => {
      finished(await (await import('../queue-add-command.ts')).queueAddCommand(files, options))
    })
  queueCommand('work', 'take cells and run them, until interrupted')
    .option('--jobs <number>', 'guests at one time, or auto: by cores and memory', jobs, 'auto')
    .addOption(accelOption())
    .option('--until-empty', 'end when no cell waits and none runs, here or elsewhere')
    .option('--stalled <seconds>', 'a worker that is silent for so long has died: others take over', seconds, 30)
    .option(
      '--checkpoints <size>',
      'how much of checkpoints Redis may hold for other workers; 0 for none',
      size,
      2 ** 30,
    )
    .action(async (options) => {
      finished(await (await import('../queue-work-command.ts')).queueWorkCommand(options))
    })
  queueCommand('status [run]', 'say what waits, what runs where, and what came of the rest')
    .option('--json', 'as one JSON document')
    .option('--wait [seconds]', 'wait for the end of the run, at most so long')
    .action(async (name: string | undefined, options) => {
      finished(await (await import('../queue-status-command.ts')).queueStatusCommand(name, options))
    })
  queueCommand('collect [run]', 'write the records of a run to a folder, and report it')
    .requiredOption('-o, --out <folder>', 'the folder, which must be new')
    .addOption(formatOption())
    .action(async (name: string | undefined, options) => {
      finished(await (await import('../queue-collect-command.ts')).queueCollectCommand(name, options))
    })
  queueCommand('remove <run>', 'take a run out of the queue, with the results that no other run has').action(
    async (name: string, options) => {
      finished(await (await import('../queue-remove-command.ts')).queueRemoveCommand(name, options))
    },
  )
}
