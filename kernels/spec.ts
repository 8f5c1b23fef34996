import { UsageError } from '../harness/base/errors.ts'

/** What a user may write for a kernel, taken apart. */
export type KernelSpec =
  | { readonly kind: 'default' }
  /** A series (`7`, `6.12`), an upstream version (`6.12.95`) or a package's whole version (`6.1.192-2`). */
  | { readonly kind: 'debian'; readonly wanted: string }
  | { readonly kind: 'image'; readonly path: string; readonly modules: string | undefined }
  | SourceSpec

/** A kernel to be built. */
export type SourceSpec = (
  | { readonly kind: 'source'; readonly wanted: string }
  /** A git tree of the user's; without a revision its files as they lie there. */
  | { readonly kind: 'tree'; readonly path: string; readonly revision: string | undefined }
) & {
  /** `lab`, `debug`, `gcov`, `symbols`, or the path of a fragment of the user's. */
  readonly config: string
  /** In the order in which they are applied. */
  readonly changes: readonly Change[]
}

export type Change =
  | { readonly kind: 'patch'; readonly path: string }
  | { readonly kind: 'mutant'; readonly name: string }

export const KERNEL_FORMS =
  'A kernel is written debian (the default of the host’s Debian release), debian:6.1 or debian:7 (the newest of a ' +
  'series), debian:6.12.95 (an exact version), or image:PATH[,modules=DIR] (your own bzImage or vmlinux, and the ' +
  'folder that holds its lib/modules); and to be built, source:6.1 (Debian’s linux-source of a series) or ' +
  'tree:PATH[@REVISION] (your own git tree), each with ,config=debug, ,config=gcov, ,config=symbols or ,config=FILE, and with +FILE.mbox, ' +
  '+FILE.patch or +mutant:NAME to change it.'

/** Throws UsageError, which lists the forms. */
export function parseKernelSpec(text: string): KernelSpec {
  const parsed = parse(text)
  if (parsed === undefined) throw new UsageError(`“${text}” is not a kernel. ${KERNEL_FORMS}`)
  return parsed
}

function parse(text: string): KernelSpec | undefined {
  if (text === 'debian') return { kind: 'default' }
  const [, wanted] = /^debian:(\d[0-9A-Za-z.+~-]*)$/.exec(text) ?? []
  if (wanted !== undefined) return { kind: 'debian', wanted }
  if (text.startsWith('image:')) {
    const [path = '', ...options] = text.slice('image:'.length).split(/,(?=[a-z]+=)/)
    const modules = options.map((option) => /^modules=(.+)$/.exec(option)?.[1])
    if (path !== '' && options.length <= 1 && !modules.includes(undefined))
      return { kind: 'image', path, modules: modules[0] }
  }
  return parseSource(text)
}

function parseSource(text: string): SourceSpec | undefined {
  // The configuration stands before the changes, behind them or between.
  const [front, last] = takeChanges(text)
  const [middle = '', ...options] = front.split(/,(?=[a-z]+=)/)
  const [place, first] = takeChanges(middle)
  const changes = [...first, ...last]
  const configs = options.map((option) => /^config=(.+)$/.exec(option)?.[1])
  if (options.length > 1 || configs.includes(undefined)) return undefined
  const config = configs[0] ?? 'lab'
  const [, wanted] = /^source:(\d[0-9A-Za-z.~-]*(?:\+[a-z]*\d[0-9A-Za-z.~]*)*)$/.exec(place) ?? []
  if (wanted !== undefined) return { kind: 'source', wanted, config, changes }
  // An @ before a brace belongs to the revision, as in HEAD@{1}.
  const [, path, revision] = /^tree:([^@]+)(?:@(?!\{)(.+))?$/.exec(place) ?? []
  return path === undefined ? undefined : { kind: 'tree', path, revision, config, changes }
}

/** How a file of patches ends: what git, b4 (mbx), mail readers (eml) and diff write. */
export const PATCH_ENDS = ['patch', 'mbox', 'mbx', 'eml', 'diff'] as const
const CHANGE = new RegExp(`^(.+)\\+(?:mutant:([^+:,]+)|([^+]+\\.(?:${PATCH_ENDS.join('|')})))$`)

/** Takes +mutant:NAME and +FILE.patch from the end; another + may belong to a version or a path. */
function takeChanges(text: string): [origin: string, changes: Change[]] {
  const changes: Change[] = []
  let rest = text
  for (;;) {
    const [, before, mutant, path] = CHANGE.exec(rest) ?? []
    if (before === undefined) return [rest, changes]
    if (mutant !== undefined) changes.unshift({ kind: 'mutant', name: mutant })
    else if (path !== undefined) changes.unshift({ kind: 'patch', path })
    rest = before
  }
}

/** The word that parseKernelSpec() takes apart into this. */
export function formatSourceSpec(spec: SourceSpec): string {
  const origin =
    spec.kind === 'source'
      ? `source:${spec.wanted}`
      : `tree:${spec.path}${spec.revision === undefined ? '' : `@${spec.revision}`}`
  return `${origin}${spec.config === 'lab' ? '' : `,config=${spec.config}`}${formatChanges(spec.changes)}`
}

/** `+fix.patch+mutant:v13-constants`, as it was written. */
export function formatChanges(changes: readonly Change[]): string {
  return changes.map((change) => `+${change.kind === 'patch' ? change.path : `mutant:${change.name}`}`).join('')
}
