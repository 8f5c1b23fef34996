import type { Command } from 'commander'

interface More {
  /** Command lines as one types them, `tierlab` left out. */
  readonly examples: readonly string[]
  /** The page of docs/ that tells the whole of it. */
  readonly page?: string
}

/** What the help of a command ends with. The key has the words of the command; tierlab itself has none. */
export const MORE: Readonly<Record<string, More>> = {
  '': { examples: ['init', 'run my.scenario.ts', 'explain my.scenario.ts'], page: 'README.md' },
  run: {
    examples: [
      'run my.scenario.ts',
      'run --kernel debian:6.1 --kernel debian:7 --html',
      'run --repeat 20 my.scenario.ts',
    ],
    page: 'scenarios.md',
  },
  init: { examples: ['init', 'init ../mine'], page: 'scenarios.md' },
  list: { examples: ['list', 'list my.scenario.ts --json'] },
  explain: { examples: ['explain my.scenario.ts', 'explain my.scenario.ts --era 6.12'], page: 'model.md' },
  predict: {
    examples: ['predict my.scenario.ts --kernel 6.10', 'predict my.scenario.ts --online none'],
    page: 'model.md',
  },
  judge: {
    examples: ['judge runs/latest', 'judge runs/latest --format junit=junit.xml'],
    page: 'reading-a-failure.md',
  },
  repro: { examples: ['repro runs/latest -o bundle.tar', 'repro runs/latest --text'], page: 'reproducer.md' },
  merge: { examples: ['merge shard-1 shard-2 -o whole'], page: 'nightly.md' },
  compare: { examples: ['compare runs/last-night runs/latest'], page: 'nightly.md' },
  series: {
    examples: ['series --base source:6.12 --mbox series.mbox', 'series --base tree:../linux --range v6.12..topic'],
    page: 'testing-my-patch.md',
  },
  bisect: {
    examples: ['bisect --good tree:../linux@A --bad tree:../linux@B --scenario my.scenario.ts'],
    page: 'bisecting.md',
  },
  explore: {
    examples: [
      'explore --minutes 30',
      'explore --kernel debian:6.1 --kernel debian:7 --seed 7',
      'explore --findings 1',
    ],
    page: 'explore.md',
  },
  mutate: { examples: ['mutate --list', 'mutate --kernel source:6.1'], page: 'mutants.md' },
  report: {
    examples: ['report runs/latest -o page', 'report runs/latest --compare runs/last-night'],
    page: 'report.md',
  },
  exec: { examples: ['exec -- uname -r', 'exec --kernel debian:7 --machine my.scenario.ts -- numactl --hardware'] },
  shell: {
    examples: ['shell --kernel debian:7', 'shell my.scenario.ts --after 2', 'shell my.scenario.ts --dump vmcore'],
    page: 'debugging.md',
  },
  queue: { examples: ['queue work --until-empty', 'queue status'], page: 'queue.md' },
  'queue add': { examples: ['queue add --name tonight --kernel debian:6.12'], page: 'queue.md' },
  'queue work': { examples: ['queue work', 'queue work --until-empty --jobs 2'], page: 'queue.md' },
  'queue status': { examples: ['queue status', 'queue status tonight --wait'], page: 'queue.md' },
  'queue collect': { examples: ['queue collect tonight -o runs/tonight'], page: 'queue.md' },
  'queue remove': { examples: ['queue remove tonight'], page: 'queue.md' },
  kernels: { examples: ['kernels list'] },
  'kernels list': { examples: ['kernels list', 'kernels list --json'] },
  'kernels fetch': { examples: ['kernels fetch debian:6.1 debian:7'] },
  'kernels path': { examples: ['kernels path debian:6.12'] },
  cache: { examples: ['cache list'] },
  'cache list': { examples: ['cache list', 'cache list --json'] },
  'cache prune': { examples: ['cache prune', 'cache prune --max-size 2GiB'] },
  'cache verify': { examples: ['cache verify'] },
  completion: { examples: ['completion bash'] },
  doctor: { examples: ['doctor'] },
}

/** Ends the help of every command with its examples, and its errors with where to look. */
export function completeHelp(program: Command): void {
  for (const command of [program, ...commandsBelow(program)]) {
    const words = wordsOf(command)
    command.addHelpText('after', moreText(MORE[words.slice(1).join(' ')]))
    // One paragraph, like every other error.
    command.configureOutput({ outputError: (text, write) => write(errorText(text, words.join(' '))) })
  }
}

export function commandsBelow({ commands }: Command): Command[] {
  return commands.flatMap((command) => [command, ...commandsBelow(command)])
}

/** `tierlab`, `cache`, `list`. */
export function wordsOf(command: Command): string[] {
  return command.parent === null ? [command.name()] : [...wordsOf(command.parent), command.name()]
}

function moreText(more: More | undefined): string {
  if (more === undefined) return ''
  const lines = more.examples.map((words) => `\n  tierlab ${words}`).join('')
  return `\nExamples:${lines}${more.page === undefined ? '' : `\n\nMore: docs/${more.page}`}`
}

function errorText(text: string, command: string): string {
  const sentence = text
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()
  return `tierlab: ${sentence.replace(/([^.?)])$/, '$1.')} See “${command} --help”.\n`
}
