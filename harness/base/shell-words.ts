/** A command line that a POSIX shell takes apart into exactly these words. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ')
}

/** One word of a command line for a POSIX shell, quoted where that is needed. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** The words that `shellLine()` made a line of. */
export function shellWords(line: string): string[] {
  const words = line.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? []
  return words.map((word) => word.replaceAll(/'([^']*)'|\\(.)/g, (_all, quoted, escaped) => quoted ?? escaped))
}
