import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { parseSize } from '../base/size.ts'
import { FORMATS, parseWish, type Wish } from '../report/format.ts'
import type { Shard } from '../run/shard.ts'
import { VERSION } from '../version.ts'
import { completionScript, SHELLS, type Shell } from './completion.ts'
import { completeHelp } from './help.ts'

const ACCELERATORS = ['auto', 'kvm', 'tcg']

const STATUSES = `
Exit status:
  0    all passed (skips and known issues do not fail)
  1    a kernel disagreed, complained, crashed or hung
  2    wrong usage: an option, a file, a machine, a kernel that does not exist
  69   could not tell: this host, the network, a guest that did not boot
  70   a mistake in tierlab
  130  interrupted`

const REPORT_HELP = `
RUNS are folders of records, as --out of a run names them: runs/latest, or the folder of one run. All that is below
them is in the page; runs of one scenario on one kernel are repetitions. Every run is judged anew, as by tierlab judge.
The page is one file that needs no network, and can be mailed or kept as an artefact of CI.

Exit status: 0 when the page is written, whatever the verdicts; 2 for a path that holds no run, or a folder that is
none; 69 when the page is written without runs that could not be read (they are named), or cannot be written.`

const QUEUE_HELP = `
A run that is added is a cell for each scenario and kernel. Any number of workers, on any machine that reaches the Redis,
take them; a cell whose worker dies is taken over. “status --wait” waits, “collect” writes the folder of a run as tierlab
run makes it, for judge, report, compare and merge. Who may write to the Redis can run programs where workers do.

Exit status of status and collect: that of the run, and 69 while a cell of it has no result.`

const SHELL_HELP = `
With a scenario FILE the guest is the scenario's: its machine, its kernel arguments, and its steps taken up to STEP, or
to the first that does not come out as the model says; that is told on standard error, and the shell begins there.
STEP is a number (0 is the boot), a step's title as “tierlab explain FILE” prints it, or a part of one.

With --gdb the kernel does not randomize its addresses (nokaslr). The guest stands still until the debugger continues,
and again whenever it stops it; nothing of tierlab's runs out meanwhile. --gdb and --dump keep a guest that has
crashed: it is dumped, or can be looked at in the debugger, as it was then.

Examples:
  tierlab shell --kernel debian:7
  tierlab shell my.scenario.ts --after 2
  tierlab shell my.scenario.ts --after create-namespace --gdb --kernel source:6.12,config=symbols
  tierlab shell my.scenario.ts --dump vmcore < /dev/null
  echo 'ndctl list -R; exit 3' | tierlab shell

Exit status: that of the shell; 0 after Ctrl-]; 1 when the guest crashed or hung; 2, 69, 70, 130 as everywhere.`

const COMPLETION_HELP = `
For this shell:  eval "$(tierlab completion bash)"   source <(tierlab completion zsh)   tierlab completion fish | source
The same line in ~/.bashrc, ~/.zshrc (behind compinit) or ~/.config/fish/config.fish is for all of them.`

/**
 * The words of the command line. A command's code is loaded when it is given, so that asking for help costs little.
 * `finished` receives the exit status.
 */
export function commandLine(finished: (status: number) => void): Command {
  const program = new Command('tierlab')
    .description('Boots real Linux kernels and compares their memory tiers with a reference model after every step.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand(false)
    .addHelpText('after', STATUSES)
    .exitOverride()
  const command = (words: string, description: string) =>
    program
      .command(words)
      .description(description)
      .option('--verbose', 'say more: each step, and where an error was made')

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
      finished(await (await import('./run-command.ts')).runCommand(files, options))
    })

  command('init [folder]', 'write a first scenario of your own, in this folder or another')
    .addHelpText('after', '\nThe folder may lie anywhere. Nothing that is there is overwritten.')
    .action(async (folder: string | undefined) => {
      finished(await (await import('./init-command.ts')).initCommand(folder ?? '.'))
    })

  command('list [files...]', 'list scenarios: their kernels, their steps, and why they are')
    .option('--json', 'as one JSON document')
    .action(async (files: string[], options) => {
      finished(await (await import('./list-command.ts')).listCommand(files, options))
    })

  command('explain <file>', 'say what a scenario must come to, step by step, without a guest')
    .option('--era <name>', 'the model of one era: 6.1, 6.12, … (default: all that the scenario is for)')
    .option('--kernel-version <version>', 'the era of this version of Linux')
    .action(async (file: string, options) => {
      finished(await (await import('./explain-command.ts')).explainCommand(file, options))
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
      finished(await (await import('./predict-command.ts')).predictCommand(file, options))
    })

  command('judge <folder>', 'judge recorded runs anew, without a guest')
    .addOption(formatOption())
    .action(async (folder: string, options) => {
      finished(await (await import('./judge-command.ts')).judgeCommand(folder, options))
    })

  command('repro <run>', 'make a bundle of a recorded run that needs only QEMU and a shell, or a mail of it')
    .option('-o, --out <file>', 'the bundle, a tar (default: tierlab-repro-SCENARIO.tar)')
    .option('--text', 'print what a maintainer needs to know instead, as a mail of under 60 lines')
    .option('--vmlinux <file>', 'for --text: with debug information, to name the source lines of a stack')
    .addHelpText('after', '\nRUN is the folder of a run, or one with a single run that did not pass, like runs/latest.')
    .action(async (folder: string, options) => {
      finished(await (await import('./repro-command.ts')).reproCommand(folder, options))
    })

  command('merge <shards...>', 'make one run of the shards of a run, and report it')
    .requiredOption('-o, --out <folder>', 'the folder of the whole run, which must be new')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nA shard that is missing, or did not come to its end, makes the whole one that could not be told: status 69.',
    )
    .action(async (folders: string[], options) => {
      finished(await (await import('./merge-command.ts')).mergeCommand(folders, options))
    })

  command('compare <old> <new>', 'say what has changed since an earlier run; only a new failure fails')
    .addHelpText(
      'after',
      '\nA kernel is the same when it was asked for by the same word: debian:6.12 is, after its update.',
    )
    .action(async (old: string, now: string) => {
      finished(await (await import('./compare-command.ts')).compareCommand(old, now))
    })

  command('series [files...]', 'build a series patch by patch, and run scenarios on each kernel')
    .requiredOption('--base <spec>', 'the kernel below the first patch, built from source')
    .option('--mbox <file>', 'the patches: an mbox, or one patch')
    .option('--range <range>', 'commits of the tree that --base names, as A..B')
    .addOption(accelOption())
    .option('--era <name>', 'judge by the model of one era, like v13 (default: that of the kernel’s version)')
    .option('--out <folder>', 'where the records go (default: runs/TIME, and runs/latest points there)')
    .option('--jobs <number>', 'guests at one time, or auto: by cores and memory', jobs, 'auto')
    .action(async (files: string[], options) => {
      finished(await (await import('./series-command.ts')).seriesCommand(files, options))
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
      finished(await (await import('./explore-command.ts')).exploreCommand(options))
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
      finished(await (await import('./bisect-command.ts')).bisectCommand(options))
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
      finished(await (await import('./mutate-command.ts')).mutateCommand(names, options))
    })

  command('report <runs...>', 'make one page (index.html) of recorded runs, to be opened in a browser')
    .option('-o, --out <folder>', 'where the page goes; an index.html that is there is replaced', 'report')
    .option('--compare <runs>', 'an earlier run: what is new, fixed, flaky, slower, added or gone since')
    .addHelpText('after', REPORT_HELP)
    .action(async (runs: string[], options) => {
      finished(await (await import('./report-command.ts')).reportCommand(runs, options))
    })

  const guest = (words: string, description: string) =>
    command(words, description)
      .option('--kernel <spec>', 'the kernel', 'debian')
      .option('--machine <file>', 'a module whose default export is a machine, or a scenario')
      .addOption(accelOption())
      .addOption(userlandOption())
      .option('--fresh', 'boot the guest instead of restoring a checkpoint')

  guest('exec <command...>', 'run a command in a guest; output and exit status are its own')
    .usage('[options] -- COMMAND [ARGUMENT…]')
    .option('--timeout <seconds>', 'kill it after this time, and exit with 124', seconds, 600)
    .addHelpText(
      'after',
      '\nThe command’s words are passed on as they are. For a shell line: tierlab exec -- sh -c "cat /proc/iomem | head"',
    )
    .action(async (words: string[], options) => {
      finished(await (await import('./exec-command.ts')).execCommand(words, options))
    })

  guest('shell [file]', 'a shell in a guest: at a prompt, or with commands from standard input')
    .option('--after <step>', 'with a scenario FILE: the last step to be taken, by number or words (default: the last)')
    .option('--gdb', 'stop the guest, and print the line that attaches gdb; the shell begins when it continues')
    .option('--dump <file>', 'when the shell ends, or the guest crashes: write its memory, for crash and drgn')
    .addHelpText('after', SHELL_HELP)
    .action(async (file: string | undefined, options) => {
      finished(await (await import('./shell-command.ts')).shellCommand(file, options))
    })

  const kernels = program.command('kernels').description('list, fetch and locate kernels').helpCommand(false)
  kernels
    .command('list')
    .description('what Debian offers, and what is in the cache')
    .option('--json', 'as one JSON document')
    .option('--verbose', 'say where an error was made')
    .action(async (options) => {
      finished(await (await import('./kernels-command.ts')).listKernelsCommand(options))
    })
  kernels
    .command('fetch <specs...>')
    .description('prepare kernels and their guest images, so that a run needs no network')
    .addOption(userlandOption())
    .option('--verbose', 'say where an error was made')
    .action(async (specs: string[], options) => {
      finished(await (await import('./kernels-command.ts')).fetchKernelsCommand(specs, options))
    })
  kernels
    .command('path <spec>')
    .description('print the path of a kernel’s image')
    .option('--verbose', 'say where an error was made')
    .action(async (spec: string) => {
      finished(await (await import('./kernels-command.ts')).kernelPathCommand(spec))
    })

  const cache = program.command('cache').description('list, prune and verify what is kept').helpCommand(false)
  cache
    .command('list')
    .description('what is in the cache, the last used first')
    .option('--json', 'as one JSON document')
    .option('--verbose', 'say where an error was made')
    .action(async (options) => {
      finished(await (await import('./cache-command.ts')).listCacheCommand(options))
    })
  cache
    .command('prune')
    .description('remove the least recently used until the cache is within a bound; never what is in use')
    .option('--max-size <size>', 'the bound (default: $TIERLAB_CACHE_SIZE, or 5GiB)', size)
    .option('--verbose', 'say where an error was made')
    .action(async (options) => {
      finished(await (await import('./cache-command.ts')).pruneCacheCommand(options))
    })
  cache
    .command('verify')
    .description(
      'read all of it and name what is damaged, which stays until it is needed and built again; exit 1 if any is',
    )
    .option('--verbose', 'say where an error was made')
    .action(async () => {
      finished(await (await import('./cache-command.ts')).verifyCacheCommand())
    })

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
      finished(await (await import('./queue-add-command.ts')).queueAddCommand(files, options))
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
      finished(await (await import('./queue-work-command.ts')).queueWorkCommand(options))
    })
  queueCommand('status [run]', 'say what waits, what runs where, and what came of the rest')
    .option('--json', 'as one JSON document')
    .option('--wait [seconds]', 'wait for the end of the run, at most so long')
    .action(async (name: string | undefined, options) => {
      finished(await (await import('./queue-status-command.ts')).queueStatusCommand(name, options))
    })
  queueCommand('collect [run]', 'write the records of a run to a folder, and report it')
    .requiredOption('-o, --out <folder>', 'the folder, which must be new')
    .addOption(formatOption())
    .action(async (name: string | undefined, options) => {
      finished(await (await import('./queue-collect-command.ts')).queueCollectCommand(name, options))
    })
  queueCommand('remove <run>', 'take a run out of the queue, with the results that no other run has').action(
    async (name: string, options) => {
      finished(await (await import('./queue-remove-command.ts')).queueRemoveCommand(name, options))
    },
  )

  command('completion', 'print a script that lets a shell complete the words of tierlab')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', COMPLETION_HELP)
    .action(async (shell: Shell) => {
      process.stdout.write(completionScript(shell, program))
    })

  command('doctor', 'check whether this machine has all that tierlab needs').action(async () => {
    finished(await (await import('./doctor-command.ts')).doctorCommand())
  })
  completeHelp(program)
  return program
}

function accelOption(): Option {
  return new Option('--accel <name>', 'how guests are run; auto takes kvm where it works')
    .choices(ACCELERATORS)
    .default('auto')
}

function formatOption(): Option {
  return new Option(
    '--format <name[=file]>',
    'a report on standard output, or in a file; may be given several times (default: pretty)',
  )
    .choices(FORMATS)
    .argParser((text, before: readonly Wish[] = []) => [...before, parseWish(text)])
}

function userlandOption(): Option {
  return new Option('--userland <debian:suite>', 'the Debian release of the guest’s ndctl and daxctl').argParser(
    (text) => {
      const [, suite] = /^debian:([a-z]+)$/.exec(text) ?? []
      if (suite === undefined) throw new InvalidArgumentError('Write it like debian:trixie.')
      return suite
    },
  )
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

function runName(text: string): string {
  if (!/^[\w.-]{1,100}$/.test(text)) throw new InvalidArgumentError('It is made of letters, digits, “.”, “_” and “-”.')
  return text
}

function shard(text: string): Shard {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  const both = { index: Number(index), of: Number(of) }
  if (index === undefined || both.index < 1 || both.index > both.of || both.of > 1000)
    throw new InvalidArgumentError('Write it like 2/5: the second of five.')
  return both
}

function size(text: string): number {
  const bytes = parseSize(text)
  if (bytes === undefined) throw new InvalidArgumentError('Write it like 5GiB, 800MiB, or a number of bytes.')
  return bytes
}

function jobs(text: string): number | 'auto' {
  if (text === 'auto') return text
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 1024)
    throw new InvalidArgumentError('It must be auto, or a number from 1 on.')
  return value
}

function confidence(text: string): number {
  const value = Number(text)
  if (!(value >= 0.5 && value < 1)) throw new InvalidArgumentError('It lies between 0.5 and 1, as 0.99 does.')
  return value
}

function times(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 10_000)
    throw new InvalidArgumentError('It must be a number from 1 on.')
  return value
}

function whole(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 31)
    throw new InvalidArgumentError('It must be a whole number from 0 on, below 2147483648.')
  return value
}

function stepCount(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 100)
    throw new InvalidArgumentError('It must be a number from 1 to 100.')
  return value
}

function minutes(text: string): number {
  const value = Number(text)
  if (!(value > 0) || value > 10_080) throw new InvalidArgumentError('It must be a number of minutes, up to a week.')
  return value
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value > 0) || value > 86_400) throw new InvalidArgumentError('It must be a number of seconds, up to a day.')
  return value
}
