import { CommanderError } from 'commander'
import { hasCode } from '../base/errors.ts'
import { EXIT, statusForGit } from './exit-status.ts'
import { commandLine } from './program.ts'

/** Runs one command of tierlab; resolves to its exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  const ours = argv.indexOf('--') < 0 ? argv : argv.slice(0, argv.indexOf('--'))
  leaveQuietly()
  let status: number = EXIT.passed
  const program = commandLine((outcome) => {
    status = outcome
  })
  try {
    await program.parseAsync(argv)
  } catch (error) {
    if (error instanceof CommanderError) status = error.exitCode === 0 ? EXIT.passed : EXIT.usage
    else status = await report(error, ours.includes('--verbose'))
  }
  if (ours.includes('--bisect')) status = statusForGit(status)
  for (const stream of [process.stdout, process.stderr])
    if (stream.writable) await new Promise<void>((resolve) => stream.write('', () => resolve()))
  return status
}

async function report(error: unknown, verbose: boolean): Promise<number> {
  const { errorParagraph } = await import('./error-paragraph.ts')
  const { statusOfError } = await import('./exit-status.ts')
  process.stderr.write(errorParagraph(error, verbose))
  return statusOfError(error)
}

/**
 * Who reads our output may stop (`| head`), and a terminal may go away: that is an interruption like others, so that
 * what runs is recorded as such. Commands that heed no signal end at once.
 */
function leaveQuietly(): void {
  process.stdout.once('error', (error) => {
    if (!hasCode(error, 'EPIPE') && !hasCode(error, 'EIO')) {
      process.stderr.write(`tierlab: Standard output cannot be written: ${error.message}.\n`)
      process.exit(EXIT.unknown)
    }
    if (process.listenerCount('SIGHUP') === 0) process.exit(EXIT.interrupted)
    process.kill(process.pid, 'SIGHUP')
  })
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}
