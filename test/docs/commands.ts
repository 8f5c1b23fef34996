import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'shell-quote'

export const ROOT = resolve(import.meta.dirname, '../..')

/** A line that a page tells its reader to type, and what the page says that it then prints, if it does. */
export interface Command {
  readonly page: string
  readonly line: string
  readonly prints: string | null
}

/** Every line of every `sh` block; a `text` block that follows a block of one line is what that line prints. */
export function commandsOfDocs(): Command[] {
  return pages().flatMap(({ page, text }) => commandsIn(text).map((command) => ({ page, ...command })))
}

/** README.md and all of docs, by their paths from the root. */
export function pages(): { page: string; text: string }[] {
  const names = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  const below = names.filter((name) => name.endsWith('.md')).map((name) => join('docs', name))
  return ['README.md', 'ARCHITECTURE.md', ...below.sort()].map((page) => ({
    page,
    text: readFileSync(join(ROOT, page), 'utf8'),
  }))
}

export function commandsIn(markdown: string): Omit<Command, 'page'>[] {
  const blocks = markdown.matchAll(/^```sh\n(.*?)^```$(?:\n+^```text\n(.*?)^```$)?/gms)
  return [...blocks].flatMap(([, body = '', prints]) => {
    const lines = body.split('\n').map((line) => line.replace(/(^|\s+)#.*$/, ''))
    const commands = lines.filter((line) => line !== '')
    return commands.map((line) => ({ line, prints: commands.length === 1 ? (prints ?? null) : null }))
  })
}

/** What a text says of tierlab in passing: `tierlab run --shard 2/5`. */
export function mentionsIn(markdown: string): string[] {
  const outside = markdown.replaceAll(/^```.*?^```$/gms, '')
  return [...outside.matchAll(/`(?:npx )?(tierlab [^`]+)`/g)].flatMap(([, line]) => line ?? [])
}

/** The commands in a line, as words, without running any: what stands between `&&`, `;` and `|`. */
export function callsIn(line: string): string[][] {
  const inner = line.replace(/^eval "\$\((.*)\)"$/, '$1')
  const calls: string[][] = [[]]
  // A variable stays as it is written.
  for (const token of parse(inner, (name) => `$${name}`)) {
    if (typeof token === 'string') calls.at(-1)?.push(token)
    else if ('pattern' in token) calls.at(-1)?.push(token.pattern)
    else calls.push([])
  }
  return calls.filter((words) => words.length > 0)
}

/** The words behind `tierlab` in a command line, wherever it is in it (`git bisect run npx tierlab run …`). */
export function tierlabWords(words: readonly string[]): readonly string[] | undefined {
  const at = words.findIndex((word, index) => word === 'tierlab' && (index === 0 || words[index - 1] === 'npx'))
  return at < 0 ? undefined : words.slice(at + 1)
}
