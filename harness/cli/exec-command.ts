import { shellLine } from '../base/shell-words.ts'
import { Interrupt } from './interrupt.ts'
import { type GuestOptions, withGuest } from './lone-guest.ts'

/** As timeout(1) says it. */
const TIMED_OUT = 124

/** `tierlab exec`: standard output, standard error and exit status are those of the command in the guest. */
export async function execCommand(
  words: readonly string[],
  options: GuestOptions & { readonly timeout: number },
): Promise<number> {
  using interrupt = new Interrupt()
  const result = await withGuest(options, interrupt, (session) => session.run(shellLine(words), options.timeout * 1000))
  process.stdout.write(result.stdout)
  process.stderr.write(result.stderr)
  if (!result.timed_out) return result.status
  process.stderr.write(
    `tierlab: The command was still running after ${options.timeout} s (--timeout) and was killed.\n`,
  )
  return TIMED_OUT
}
