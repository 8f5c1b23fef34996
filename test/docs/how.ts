import { tierlabWords } from './commands.ts'

/** How a command line of a page is tested. */
export type How =
  /** Run as it stands, without a guest, by test/docs/docs.test.ts. */
  | { readonly run: 'here' }
  /** Run on a guest by test/boot/docs.test.ts. */
  | { readonly run: 'guest' }
  /** Builds kernels: run by test/boot/builds/docs.test.ts. */
  | { readonly run: 'build' }
  /** Only taken apart: by tierlab’s own program, and the files that it names must be there. */
  | { readonly run: 'never'; readonly why: string }

const SYMBOLS = 'waits for a debugger; test/boot/shell.test.ts attaches one to the same command'
const CONFIGS =
  'builds a kernel of another configuration, for many minutes; it is run by npm run test:builds, which sets TIERLAB_TEST_CONFIGS'
const PACKAGES = 'changes this machine'
const DEBUG =
  'stands for many lines, in a guest whose kernel is built with config=debug; scenarios/faults does the same'
export const TYPED = 'is typed in a guest; test/boot/findings.test.ts types it in one'
const REDIS = 'needs a Redis; test/boot/queue.test.ts runs the same commands with one of its own'
const DEBUGGER = 'needs the guest of a tierlab shell that waits; test/boot/shell.test.ts runs these programs on one'

/** What is not run, and why: the first that a line matches. All others are. */
export const NEVER: readonly (readonly [line: RegExp, why: string])[] = [
  [/\bapt-get\b/, PACKAGES],
  [/^npm ci && npm test$/, 'runs this test'],
  [/^npm run bench/, 'takes half an hour; each of its parts is what other tests run'],
  [/ --gdb .*config=symbols/, SYMBOLS],
  ...(process.env.TIERLAB_TEST_CONFIGS ? [] : [[/,config=/, CONFIGS] as const]),
  [/tierlab queue\b|^redis-|TIERLAB_REDIS/, REDIS],
  [/^(gdb|crash|drgn|makedumpfile) /, DEBUGGER],
  [/N-TH|failslab/, DEBUG],
  // Only what is known to be typed on the host is ever run there: the rest is typed in a guest, as root.
  [
    /^(?!npx tierlab |echo '[^']*' \| npx tierlab |git -C |npm |nightly\/|jq |tar |eval "\$\(npx tierlab |[A-Z]+='[^']*' (SHARDS=\d+ )?nightly\/)/,
    TYPED,
  ],
]

/** Commands of tierlab that need no guest. */
const WITHOUT_GUEST = ['completion', 'doctor', 'explain', 'init', 'judge', 'list', 'predict', 'report']

export function howTested(line: string): How {
  const never = NEVER.find(([pattern]) => pattern.test(line))
  if (never !== undefined) return { run: 'never', why: never[1] }
  if (/source:|tree:|image:|^git -C|^npx tierlab (mutate|bisect)/.test(line)) return { run: 'build' }
  const [command] = tierlabWords(line.replace(/^eval "\$\((.*)\)"$/, '$1').split(' ')) ?? []
  const here = command === undefined ? line.startsWith('jq ') : WITHOUT_GUEST.includes(command) || / --text$/.test(line)
  return { run: here ? 'here' : 'guest' }
}

/** What it must exit with: those that look at a run that went wrong say so. */
export function statusOf(line: string): number {
  const failing = /must-fail|runs\/latest|bug\.tar/.test(line)
  const tells = /tierlab (run|judge)\b/.test(line)
  const crashes = /must-crash|sysrq-trigger/.test(line)
  return (failing && tells) || crashes ? 1 : 0
}

/**
 * A run of all scenarios is made shorter by naming one, an exploration by one run of a known seed: the rest of
 * the line is as it was.
 */
export function shortened(line: string): string {
  if (/tierlab explore\b/.test(line)) return `${line.replace(/ --(runs|minutes|seed) \d+/g, '')} --runs 1 --seed 7`
  if (/tierlab series\b(?!.*scenarios)/.test(line)) return `${line} ${ONE}`
  if (/tierlab mutate --/.test(line)) return `${line} notifier-deaf-to-offline`
  if (line.includes(' scenarios/corpus')) return line.replace(' scenarios/corpus', ` ${KEPT}`)
  return /tierlab run\b(?!.*\.ts)(?!.*scenarios)/.test(line) ? line.replace('tierlab run', `tierlab run ${ONE}`) : line
}

const ONE = 'scenarios/boot/memory-at-boot-is-in-the-dram-tier.ts'
const KEPT = 'scenarios/corpus/6.12/02daadc2.scenario.json'
