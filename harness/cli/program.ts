import { Argument, Command } from 'commander'
import { VERSION } from '../version.ts'
import { completionScript, SHELLS, type Shell } from './completion.ts'
import { completeHelp } from './help.ts'
import { cacheWords } from './words/cache.ts'
import { campaignWords } from './words/campaigns.ts'
import { guestWords } from './words/guests.ts'
import { kernelsWords } from './words/kernels.ts'
import { queueWords } from './words/queue.ts'
import { recordWords } from './words/records.ts'
import { runWords } from './words/run.ts'

const STATUSES = `
Exit status:
  0    all passed (skips and known issues do not fail)
  1    a kernel disagreed, complained, crashed or hung
  2    wrong usage: an option, a file, a machine, a kernel that does not exist
  69   could not tell: this host, the network, a guest that did not boot
  70   a mistake in tierlab
  130  interrupted`

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

  for (const add of [runWords, recordWords, campaignWords, guestWords, kernelsWords, cacheWords, queueWords])
    add({ program, command, finished })

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
