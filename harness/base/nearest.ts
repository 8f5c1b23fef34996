/** The word that differs least from one that does not exist: undefined when none is like it. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const [best] = words
    .map((known) => ({ known, edits: editsBetween(word, known) }))
    .sort((a, b) => a.edits - b.edits || a.known.localeCompare(b.known))
  // More than a third of it is another word.
  return best !== undefined && best.edits * 3 <= Math.max(word.length, best.known.length) ? best.known : undefined
}

/** How many letters must be put in, left out or replaced (Levenshtein). */
function editsBetween(a: string, b: string): number {
  let row = [...Array(b.length + 1).keys()]
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 1; j <= b.length; j += 1) {
      const [replaced = 0, above = 0, left = 0] = [row[j - 1], row[j], next[j - 1]]
      next.push(Math.min(replaced + (letter === b[j - 1] ? 0 : 1), above + 1, left + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
