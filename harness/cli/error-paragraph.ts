import { GuestLost, messageOf, SourceError, TierlabError } from '../base/errors.ts'

/**
 * What is said of an error on standard error: one paragraph that begins with `tierlab:`, after it the console of a guest
 * that was lost, or the words of the compiler. Where the error was made is of interest only to who asks for it.
 */
export function errorParagraph(error: unknown, verbose: boolean): string {
  const known = error instanceof TierlabError
  const message = messageOf(error)
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()
  const paragraph = known
    ? message
    : `This is a mistake in tierlab, not in a kernel or in what you asked for: ${message}${verbose ? '' : ' (--verbose shows where.)'}`
  const console = error instanceof GuestLost && error.console.length > 0 ? consoleLines(error.console) : ''
  const stack = verbose && error instanceof Error ? `\n${stackOf(error)}` : ''
  const words = error instanceof SourceError ? error.words.map((line) => `\n  ${line}`).join('') : ''
  return `tierlab: ${paragraph}${console}${words}${stack}\n`
}

function consoleLines(lines: readonly string[]): string {
  return `\nThe guest's last console lines:\n${lines.map((line) => `  ${line}`).join('\n')}`
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}
