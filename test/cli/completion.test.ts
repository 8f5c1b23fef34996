import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { completionScript, SHELLS, type Shell } from '../../harness/cli/completion.ts'
import { commandLine } from '../../harness/cli/program.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** A command line up to the cursor, and the words that a shell must offer there: none where it offers files. */
const LINES: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['tierlab expla', ['explain']],
  ['tierlab explain --kernel-v', ['--kernel-version']],
  ['tierlab run --accel ', ['auto', 'kvm', 'tcg']],
  ['tierlab run --accel=k', ['kvm']],
  ['tierlab run --kernel debian --verify', ['--verify-restore']],
  ['tierlab cache ', ['list', 'prune', 'verify']],
  ['tierlab cache prune --max', ['--max-size']],
  ['tierlab completion f', ['fish']],
  ['tierlab run scen', []],
  ['tierlab run --out scen', []],
  ['tierlab exec -- scen', []],
]

function run(
  program: string,
  ...args: readonly string[]
): Promise<{ missing: boolean; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(program, args, { cwd: ROOT, timeout: 45_000 }, (error, stdout, stderr) =>
      done({ missing: error?.code === 'ENOENT', stdout, stderr }),
    )
  })
}

/** What each shell offers for each line, one result a line, by its own means. */
const ASK: Readonly<Record<Shell, (script: string) => readonly [program: string, ...args: string[]]>> = {
  bash: (script) => [
    'bash',
    '--norc',
    '-c',
    `. "$0"
complete -p tierlab >/dev/null || exit
for line; do
  # As readline takes a line apart: = and : are words.
  read -ra COMP_WORDS <<<"\${line//=/ = }"
  [[ $line != *' ' ]] || COMP_WORDS+=('')
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)) COMPREPLY=()
  _tierlab
  echo "\${COMPREPLY[*]}"
done`,
    script,
    ...LINES.map(([line]) => line),
  ],
  fish: (script) => [
    'fish',
    '--no-config',
    '-c',
    `source $argv[1]
function __fish_complete_path
end
for line in $argv[2..-1]
  echo (complete -C $line | string split -f1 \\t | string replace -r '^--\\w+=' '')
end`,
    script,
    ...LINES.map(([line]) => line),
  ],
  // Its own completion needs a terminal; these stand in for what tells it what to offer.
  zsh: (script) => [
    'zsh',
    '-f',
    '-c',
    `compdef() {}
compset() {}
_files() {}
_describe() {
  for entry in \${(P)2}; do
    case \${entry%%:*} in \${words[CURRENT]##*=}*) offered+=(\${entry%%:*}) ;; esac
  done
}
. $1
for line in $@[2,-1]; do
  offered=() words=(\${(z)line})
  if [[ $line == *' ' ]]; then words+=(''); fi
  CURRENT=$#words
  _tierlab
  print -r -- $offered
done`,
    'zsh',
    script,
    ...LINES.map(([line]) => line),
  ],
}

for (const shell of SHELLS)
  t.test(`${shell} completes commands, options and values, and else files`, async (t) => {
    const script = join(t.testdir({}), 'script')
    const program = commandLine(() => {})
    writeFileSync(script, completionScript(shell, program))
    const { missing, stdout, stderr } = await run(...ASK[shell](script))
    if (missing) return t.pass('not looked at', { skip: `${shell} is not on this machine` })
    t.equal(stderr, '')
    const answers = stdout.split('\n').map((line) => line.split(' ').filter((word) => word !== ''))
    for (const [index, [line, words]] of LINES.entries()) t.same(answers[index], words, line)
  })
