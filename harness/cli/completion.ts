import type { Command } from 'commander'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** A word that may come next, and what it is. */
interface Word {
  readonly word: string
  readonly about: string
}

/** What may follow the words of one command. */
interface Place {
  /** `kernels list`; empty for tierlab itself. */
  readonly path: string
  /** Commands below it, or what its argument may be; none where files are meant. */
  readonly words: readonly Word[]
  readonly options: readonly Word[]
  /** Options that take a value, and which; none where files are meant. */
  readonly values: readonly { readonly flags: readonly string[]; readonly words: readonly Word[] }[]
}

/**
 * A script for a shell that completes the words of a command line. Nothing of tierlab runs when a key is pressed: the
 * words are in the script, and what is no word of tierlab is a file’s name.
 */
export function completionScript(shell: Shell, program: Command): string {
  // The longest path first, as the first that matches is taken.
  const places = placesBelow(program, []).sort((a, b) => b.path.length - a.path.length)
  return { bash, zsh, fish }[shell](places)
}

function placesBelow(command: Command, path: readonly string[]): Place[] {
  const help = command.createHelp()
  const commands = help.visibleCommands(command)
  const options = help.visibleOptions(command).map((option) => ({
    flags: [option.short, option.long].flatMap((flag) => flag ?? []),
    about: option.description,
    values: option.required || option.optional ? (option.argChoices ?? []) : undefined,
  }))
  const place = {
    path: path.join(' '),
    words: [
      ...commands.map((below) => ({ word: below.name(), about: below.description() })),
      ...command.registeredArguments.flatMap(({ argChoices, description }) => plain(argChoices ?? [], description)),
    ],
    options: options.flatMap(({ flags, about }) => plain(flags, about)),
    values: options.flatMap(({ flags, values }) => (values === undefined ? [] : [{ flags, words: plain(values, '') }])),
  }
  return [place, ...commands.flatMap((below) => placesBelow(below, [...path, below.name()]))]
}

function plain(words: readonly string[], about: string): Word[] {
  return words.map((word) => ({ word, about }))
}

/** One `case` for all places; the words before the cursor are in `$before`, the last of them in `$last`. */
function cases(places: readonly Place[], list: (words: readonly Word[]) => string): string {
  return places
    .map(({ path, words, options, values }) => {
      const follow = values.map(({ flags, words: some }) => `    ${flags.join('|')}) ${list(some)} ;;\n`)
      return `  ${path === '' ? '*' : `'${path} '*`}) case $last in
${follow.join('')}    *) case $word in -*) ${list(options)} ;; *) ${list(words)} ;; esac ;;
    esac ;;
`
    })
    .join('')
}

function bash(places: readonly Place[]): string {
  const list = (words: readonly Word[]) => `words='${words.map(({ word }) => word).join(' ')}'`
  return `# Completion of tierlab for bash: eval "$(tierlab completion bash)"
_tierlab() {
  local word=\${COMP_WORDS[COMP_CWORD]} last=\${COMP_WORDS[COMP_CWORD-1]} before="\${COMP_WORDS[*]:1:COMP_CWORD-1} " words=
  # --accel=kvm is three words here.
  if [[ $word == = ]]; then word=
  elif [[ $last == = ]]; then last=\${COMP_WORDS[COMP_CWORD-2]}; fi
  case $before in
  *' -- '*) ;;
${cases(places, list)}  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _tierlab tierlab
`
}

function zsh(places: readonly Place[]): string {
  const entry = ({ word, about }: Word) => quoted(`${word.replaceAll(':', '\\:')}${about && `:${about}`}`)
  const list = (words: readonly Word[]) => (words.length === 0 ? '_files' : `list=(${words.map(entry).join(' ')})`)
  return `#compdef tierlab
# Completion of tierlab for zsh: source <(tierlab completion zsh), or as the file _tierlab in a folder of $fpath.
_tierlab() {
  local word=$words[CURRENT] last=$words[CURRENT-1] before="\${(j: :)words[2,CURRENT-1]} "
  local -a list
  if [[ $word == --*=* ]]; then last=\${word%%=*} && compset -P '*='; fi
  case $before in
  *' -- '*) _files ;;
${cases(places, list)}  esac
  if (( $#list )); then _describe tierlab list; fi
}
if [[ $funcstack[1] == _tierlab ]]; then _tierlab "$@"; else compdef _tierlab tierlab; fi
`
}

/** fish has switch for case, and wants each word on a line, what it is behind a tab. */
function fish(places: readonly Place[]): string {
  const list = (words: readonly Word[]) =>
    words.length === 0
      ? '__fish_complete_path "$word"'
      : `printf "$start%s\\t%s\\n" ${words.map(({ word, about }) => `${word} ${fishQuoted(about)}`).join(' ')}`
  const blocks = places.map(({ path, words, options, values }) => {
    const follow = values.map(({ flags, words: some }) => `    case ${flags.join(' ')}\n      ${list(some)}\n`)
    return `  case ${path === '' ? "'*'" : `'${path} *'`}
    switch "$last"
${follow.join('')}    case '*'
      if string match -q -- '-*' "$word"
        ${list(options)}
      else
        ${list(words)}
      end
    end
`
  })
  return `# Completion of tierlab for fish: tierlab completion fish | source
function __tierlab
  set -l tokens (commandline -opc)
  set -l word (commandline -ct)
  set -l last "$tokens[-1]"
  set -l start ''
  if string match -q -- '--*=*' "$word"
    set last (string split -m1 = -- "$word")[1]
    set start "$last="
  end
  set -l before (string join ' ' -- $tokens[2..-1])' '
  switch "$before"
  case '* -- *'
    __fish_complete_path "$word"
${blocks.join('')}  end
end
complete -c tierlab -f -a '(__tierlab)'
`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`
}
