import { seconds } from './arguments.ts'
import { accelOption, userlandOption } from './options.ts'
import type { Words } from './words.ts'

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

/** One guest to look into. */
export function guestWords({ command, finished }: Words): void {
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
      finished(await (await import('../exec-command.ts')).execCommand(words, options))
    })

  guest('shell [file]', 'a shell in a guest: at a prompt, or with commands from standard input')
    .option('--after <step>', 'with a scenario FILE: the last step to be taken, by number or words (default: the last)')
    .option('--gdb', 'stop the guest, and print the line that attaches gdb; the shell begins when it continues')
    .option('--dump <file>', 'when the shell ends, or the guest crashes: write its memory, for crash and drgn')
    .addHelpText('after', SHELL_HELP)
    .action(async (file: string | undefined, options) => {
      finished(await (await import('../shell-command.ts')).shellCommand(file, options))
    })
}
