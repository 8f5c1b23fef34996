import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import * as api from '../../harness/index.ts'
import { type Command, commandsIn, commandsOfDocs, mentionsIn, pages, ROOT } from './commands.ts'
import { howTested, NEVER, statusOf, TYPED } from './how.ts'
import { readersFolder, type } from './reader.ts'
import { complaints, wrongMention } from './take-apart.ts'

t.setTimeout(240_000)
const commands = commandsOfDocs()

t.test('lines are found, and what is no command is left out', async (t) => {
  const page = [
    ...['```sh', 'a  # why', '# nothing', '', "b '#' c", '```', '', '```ts', 'no', '```', ''],
    ...['```sh', 'd | e', '```', '', '```text', 'said', '```'],
  ]
  t.same(commandsIn(page.join('\n')), [
    { line: 'a', prints: null },
    { line: "b '#' c", prints: null },
    { line: 'd | e', prints: 'said\n' },
  ])
  t.ok(commands.length > 40)
})

t.test('each command line of the docs is understood, and names files that are there', async (t) => {
  for (const { page, line } of commands) t.same(await complaints(line), [], `${page}: ${line}`)
})

t.test('what is mentioned in passing has no wrong command or option', async (t) => {
  const mentions = pages().flatMap(({ page, text }) => mentionsIn(text).map((line) => ({ page, line })))
  t.ok(mentions.length > 20)
  for (const { page, line } of mentions) t.same(wrongMention(line), [], `${page}: ${line}`)
  t.same(wrongMention('tierlab cache prune --max-siez 2GiB'), ['--max-siez'])
  t.same(wrongMention('tierlab rnu'), ['There is no tierlab rnu.'])
})

t.test('all that a scenario can import is in docs/scenarios.md', async (t) => {
  const page = readFileSync(join(ROOT, 'docs/scenarios.md'), 'utf8')
  for (const [name, value] of Object.entries(api)) {
    const names = typeof value === 'object' ? Object.keys(value).map((verb) => `${name}.${verb}`) : [name]
    for (const one of names) t.match(page, new RegExp(`\\b${one.replace('.', '\\.')}\\b`), one)
  }
})

t.test('links lead somewhere', async (t) => {
  for (const { page, text } of pages())
    for (const [link, target = '', anchor] of text.matchAll(/\]\(([^)#\s]*)(?:#([^)]*))?\)/g)) {
      if (target.includes('://')) continue
      const file = target === '' ? join(ROOT, page) : join(ROOT, dirname(page), target)
      if (!t.ok(existsSync(file), `${page}: ${link}`) || anchor === undefined) continue
      t.ok(anchorsOf(readFileSync(file, 'utf8')).includes(anchor), `${page}: ${link}`)
    }
  t.same(anchorsOf('# What is, and why?\n\n```sh\n# not this\n```\n## `a/b` of 6.1\n'), ['what-is-and-why', 'ab-of-61'])
})

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const prose = text.replace(/^```.*?^```$/gms, '')
  return [...prose.matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

t.test('no line is left out for a reason that is none', async (t) => {
  for (const [pattern, why] of NEVER)
    t.ok(
      commands.some(({ line }) => pattern.test(line)),
      `${pattern}: ${why}`,
    )
  // What one types in a guest is no command line of ours.
  const ours = commands.map(({ line }) => howTested(line)).filter((how) => how.run !== 'never' || how.why !== TYPED)
  t.ok(ours.filter(({ run }) => run === 'never').length < ours.length * 0.6)
})

t.test('a line that is wrong would be seen', async (t) => {
  const wrong: [line: string, why: RegExp][] = [
    ['npx tierlab run --kernels debian', /unknown option '--kernels'.*--kernel/],
    ['npm ci && npx tierlab rnu', /unknown command 'rnu'.*run/],
    ['git bisect run npx tierlab run --repeat none', /--repeat/],
    ['npx tierlab report', /missing required argument 'runs'/],
    ['npx tierlab run scenarios/not/there.ts', /There is no scenarios\/not\/there\.ts/],
    ['npx tierlab run --kernel source:6.1+mutant:not-there', /There is no kernels\/mutants\/not-there\.cocci/],
    ['eval "$(npx tierlab completion csh)"', /csh/],
  ]
  for (const [line, why] of wrong) t.match((await complaints(line)).join(' '), why, line)
})

t.test('what needs no guest does what the page says', async (t) => {
  const folder = readersFolder(t.testdir({}))
  const here = commands.filter(({ line }) => howTested(line).run === 'here')
  t.ok(here.length > 10)
  for (const command of once(here)) await checked(t, folder, command)
})

/** Equal lines are typed once, where one of them says what is printed that one. */
function once(some: readonly Command[]): Command[] {
  const byLine = new Map<string, Command>()
  for (const command of some) if (!byLine.get(command.line)?.prints) byLine.set(command.line, command)
  return [...byLine.values()]
}

async function checked(t: Test, folder: string, { page, line, prints }: Command): Promise<void> {
  const said = await type(folder, line, { XDG_CACHE_HOME: join(folder, 'cache') })
  if (line.startsWith('jq ') && said.status === 127) return void t.pass(line, { skip: 'jq is not on this machine' })
  if (!t.equal(said.status, statusOf(line), `${page}: ${line}`)) t.comment(said.stdout + said.stderr)
  if (prints !== null) t.equal(said.stdout.trimEnd(), prints.trimEnd(), `${page} shows what is printed`)
}
