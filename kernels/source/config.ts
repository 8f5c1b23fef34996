import { HostError } from '../../harness/base/errors.ts'

/** A symbol and what it must be; `alternatives` are its names in other kernels, of which one is enough. */
export interface Wanted {
  readonly alternatives: readonly Setting[]
  /** The comment above: who needs it. */
  readonly why: string
}

interface Setting {
  readonly symbol: string
  readonly value: string
}

/**
 * A fragment of a configuration, as kernel/configs has them, with two additions: a comment says who needs the symbols
 * below it, up to the next empty line; and `CONFIG_A=y | CONFIG_B=y` asks for either.
 * Throws HostError for a line that is neither a comment nor a setting.
 */
export function parseFragment(text: string, file: string): Wanted[] {
  const wanted: Wanted[] = []
  let why: string[] = []
  let inComment = false
  for (const [at, line] of text
    .split('\n')
    .map((line) => line.trim())
    .entries()) {
    const unset = /^# (CONFIG_\w+) is not set$/.exec(line)?.[1]
    if (unset !== undefined) wanted.push({ alternatives: [{ symbol: unset, value: 'n' }], why: why.join(' ') })
    else if (line === '') why = []
    else if (line.startsWith('#')) why = [...(inComment ? why : []), line.replace(/^#+\s*/, '')]
    else
      wanted.push({
        alternatives: line.split('|').map((part) => setting(part.trim(), file, at + 1)),
        why: why.join(' '),
      })
    inComment = line.startsWith('#') && unset === undefined
  }
  return wanted
}

/** The same for the kernel's own tools: one setting a line; a symbol that a kernel does not know is ignored there. */
export function formatFragment(wanted: readonly Wanted[]): string {
  const lines = wanted.flatMap(({ alternatives }) => alternatives.map(({ symbol, value }) => `${symbol}=${value}\n`))
  return lines.join('')
}

/** What was asked for and is not in a finished .config, each with who needs it. Later fragments overrule earlier ones. */
export function missingFrom(config: string, wanted: readonly Wanted[]): Wanted[] {
  const settings = new Map([...config.matchAll(/^(CONFIG_\w+)=(.*)$/gm)].map(([, symbol, value]) => [symbol, value]))
  const last = new Map(wanted.flatMap((it) => it.alternatives.map(({ symbol }) => [symbol, it])))
  return wanted.filter(
    (it) =>
      it.alternatives.every(({ symbol, value }) => (settings.get(symbol) ?? 'n') !== value) &&
      it.alternatives.some(({ symbol }) => last.get(symbol) === it),
  )
}

/** Throws HostError that names each missing symbol and who needs it. */
export function checkConfig(kernel: string, config: string, wanted: readonly Wanted[]): void {
  const missing = missingFrom(config, wanted)
  if (missing.length === 0) return
  const names = missing.map(({ alternatives, why }) => {
    const settings = alternatives.map(({ symbol, value }) => `${symbol}=${value}`).join(' or ')
    return why === '' ? settings : `${settings} (for ${why})`
  })
  throw new HostError(
    `The configuration of ${kernel} came out without ${names.join('; ')}. Either this tree does not have such a symbol, or ` +
      'what it depends on is not set: name it in a fragment with config=FILE.',
  )
}

function setting(text: string, file: string, line: number): Setting {
  const [, symbol, value] = /^(CONFIG_\w+)=(\S.*)$/.exec(text) ?? []
  if (symbol === undefined || value === undefined)
    throw new HostError(`${file}:${line}: “${text}” is not a setting; write CONFIG_NAME=VALUE.`)
  return { symbol, value }
}
