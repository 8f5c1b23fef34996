import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import t from 'tap'
import { commandsBelow, MORE, wordsOf } from '../../harness/cli/help.ts'
import { commandLine } from '../../harness/cli/program.ts'

// Some twelve commands of tierlab take their time on a machine that is busy with other tests.
t.setTimeout(180_000)
const ROOT = resolve(import.meta.dirname, '../..')
const BIN = join(ROOT, 'bin/tierlab.mjs')

const program = commandLine(() => {})
const all = [program, ...commandsBelow(program)]
const nameOf = (command: Command) => wordsOf(command).join(' ')

/** What a command prints when it is asked for help. */
function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
  return text
}

/** Parses a command line with commands that do nothing: the words of the one that was reached, or the error. */
async function parsed(words: readonly string[]): Promise<{ reached: string; error: string }> {
  const program = commandLine(() => {})
  const outcome = { reached: '', error: '' }
  for (const command of [program, ...commandsBelow(program)]) {
    const { outputError } = command.configureOutput()
    command.configureOutput({ outputError: (text) => outputError?.(text, (told) => (outcome.error += told)) })
    if (command.commands.length > 0) continue
    command.action(() => {
      outcome.reached = nameOf(command)
    })
  }
  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (outcome.error === '') throw error
  }
  return outcome
}

/** What else a command must be given. */
function needed(command: Command): string[] {
  const options = command.options.filter(({ mandatory }) => mandatory).flatMap(({ long }) => [long ?? '', 'x'])
  const words = command.registeredArguments.flatMap(({ required, argChoices }) =>
    required ? [argChoices?.[0] ?? 'x'] : [],
  )
  return [...options, ...words]
}

t.test('every command and every option is described, and the help of each ends with examples', async (t) => {
  t.ok(all.length > 20, 'commands were found')
  for (const command of all) {
    const name = nameOf(command)
    t.not(command.description(), '', name)
    for (const option of command.options) t.not(option.description, '', `${name} ${option.flags}`)
    t.match(helpOf(command), /\nExamples:\n {2}tierlab /, `${name} has an entry in harness/cli/help.ts`)
  }
  const names = all.map((command) => wordsOf(command).slice(1).join(' '))
  t.same(Object.keys(MORE).sort(), names.sort(), 'and no entry is of a command that is gone')
})

t.test('examples are command lines of the command that has them, and the pages are there', async (t) => {
  for (const [name, { examples, page }] of Object.entries(MORE)) {
    const { commands } = all.find((command) => nameOf(command) === `tierlab ${name}`) ?? program
    for (const example of examples) {
      const { reached, error } = await parsed(example.split(' '))
      t.equal(error, '', example)
      // The example of a group is one of its commands.
      t.ok(commands.length > 0 ? reached.startsWith(`tierlab ${name}`.trim()) : reached === `tierlab ${name}`, example)
    }
    if (page !== undefined) t.ok(existsSync(join(ROOT, 'docs', page)), page)
  }
})

t.test('a word that is not known suggests the near one', async (t) => {
  const wrong = (word: string) => `${word.slice(0, -2)}${word.slice(-1)}`
  for (const command of all) {
    const path = wordsOf(command).slice(1)
    for (const { long } of command.options) {
      const { error } = await parsed([...path, ...(command === program ? [] : needed(command)), wrong(long ?? '')])
      t.match(
        error,
        new RegExp(`unknown option .*Did you mean .*${long}\\b`),
        `${nameOf(command)} ${wrong(long ?? '')}`,
      )
      t.ok(error.endsWith(` See “${nameOf(command)} --help”.\n`), 'and where they all are')
    }
    for (const below of command.commands) {
      const { error } = await parsed([...path, wrong(below.name())])
      t.match(error, new RegExp(`unknown command .*Did you mean .*${below.name()}\\b`), wrong(nameOf(below)))
    }
  }
})

/** The bytes that a command writes to a terminal, made by util-linux’s script; or to pipes. */
function output(words: readonly string[], env: Readonly<Record<string, string>>, terminal?: string): Promise<string> {
  const command = [process.execPath, BIN, ...words]
  const [program = '', ...args] =
    terminal === undefined ? command : ['script', '-q', '-e', '-c', command.join(' '), terminal]
  const { NO_COLOR: _, ...rest } = process.env
  return new Promise((done) => {
    const child = execFile(program, args, { cwd: ROOT, env: { ...rest, ...env } }, (_error, stdout, stderr) =>
      done(stdout + stderr),
    )
    child.stdin?.end()
  })
}

const JUDGE = ['judge', 'test/recorded/must-fail']

t.test('colour on a terminal, none for who asks for none, and nothing but text without a terminal', async (t) => {
  const folder = t.testdir()
  const on = async (env: Readonly<Record<string, string>>) => {
    const file = join(folder, 'typescript')
    await output(JUDGE, env, file)
    return readFileSync(file, 'utf8')
  }
  const colour = /\x1b\[[\d;]+m/
  t.match(await on({ TERM: 'xterm' }), colour)
  t.match(await on({ TERM: 'xterm', NO_COLOR: '' }), colour, 'empty is as if it were not there')
  const plain = await on({ TERM: 'xterm', NO_COLOR: '1' })
  t.match(plain, 'fail')
  t.notMatch(plain, colour)
  const dumb = await on({ TERM: 'dumb' })
  t.match(dumb, 'fail')
  t.notMatch(dumb.replaceAll(/^Script (started|done).*$/gm, ''), '\x1b', 'nor does anything move')

  const scenario = 'scenarios/kmem/dax-memory-lands-in-the-default-dax-tier.ts'
  const commands = [
    JUDGE,
    ['list'],
    ['explain', scenario],
    ['predict', scenario],
    ['mutate', '--list'],
    ['run', '--help'],
  ]
  for (const words of commands) {
    const text = await output(words, { TERM: 'xterm' })
    t.ok(text.length > 100, words.join(' '))
    t.notMatch(text, '\x1b', words.join(' '))
  }
})
