import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { commandLine } from '../../harness/cli/program.ts'
import { callsIn, ROOT, tierlabWords } from './commands.ts'

/** Why a line is wrong: what tierlab’s own program says of its words, and files of ours that are not there. */
export async function complaints(line: string): Promise<string[]> {
  const calls = callsIn(line)
  const said = await Promise.all(calls.map(saysOf))
  return [...said.flat(), ...calls.flat().flatMap(missing)]
}

async function saysOf(words: readonly string[]): Promise<string[]> {
  const ours = tierlabWords(words)
  if (ours === undefined) return []
  const said: string[] = []
  const program = commandLine(() => {})
  for (const command of allCommands(program)) {
    command.exitOverride().configureOutput({ writeErr: (text) => said.push(text), writeOut: () => {} })
    if (command.commands.length === 0) command.action(() => {})
  }
  await program.parseAsync(ours, { from: 'user' }).catch((error: unknown) => {
    if (said.length === 0) said.push(String(error))
  })
  return said
}

export function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}

/** The same for what is mentioned in passing, of which only the command and the names of options must be right. */
export function wrongMention(line: string): string[] {
  const [, ...words] = line.split(' ')
  let command = commandLine(() => {})
  for (const word of words) command = command.commands.find((below) => below.name() === word) ?? command
  const known = command.options.flatMap(({ short, long }) => [short, long])
  const options = words.filter((word) => word.startsWith('-')).map((word) => word.replace(/=.*/, ''))
  const wrong = options.filter((word) => !known.includes(word) && !['-h', '--help', '--'].includes(word))
  return command.parent === null && !line.startsWith('tierlab -') ? [`There is no ${line}.`] : wrong
}

/** Files and mutants of ours that a word names; those of the reader are not ours to have. */
function missing(word: string): string[] {
  const files = word.match(/(?<![\w./-])(?:scenarios|test|nightly|docs|scripts|host-packages)[\w./-]*/g) ?? []
  const mutants = [...word.matchAll(/\+mutant:([\w-]+)/g)].map(([, name]) => `kernels/mutants/${name}.cocci`)
  return [...files, ...mutants].filter((file) => !existsSync(join(ROOT, file))).map((file) => `There is no ${file}.`)
}
