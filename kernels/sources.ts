import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HostError, hasCode } from '../harness/base/errors.ts'

/** A Debian mirror as the host itself uses it: nobody's host name is written into this project. */
export interface Mirror {
  readonly uri: string
  /** Paths of keyrings, or an embedded key with its lines; undefined: the keys that apt trusts by default. */
  readonly signedBy: string | undefined
  readonly trusted: boolean
}

export interface Mirrors {
  /** Releases, updates and backports. */
  readonly main: Mirror
  /** The archive of security updates has another address. */
  readonly security: Mirror | undefined
}

/** What one entry of either format says, as far as it matters here. */
export interface Source extends Mirror {
  readonly suites: readonly string[]
  readonly components: readonly string[]
}

/**
 * Reads the Debian mirrors from apt's own configuration folder.
 * Throws HostError when it names none.
 */
export async function hostMirrors(etc: string): Promise<Mirrors> {
  const sources: Source[] = []
  for (const path of await sourceFiles(etc)) {
    const text = await readFile(path, 'utf8')
    sources.push(...(path.endsWith('.sources') ? parseDeb822(text) : parseOneLine(text)))
  }
  const mirrors = debianMirrors(sources)
  if (mirrors === undefined)
    throw new HostError(
      `apt's sources in ${etc} name no Debian archive, so there is nowhere to fetch kernels and guest packages from. ` +
        'Add a file with “deb MIRROR bookworm main” and a signed-by option to sources.list.d there, or use image:PATH.',
    )
  return mirrors
}

async function sourceFiles(etc: string): Promise<string[]> {
  const parts = join(etc, 'sources.list.d')
  const names = await readdir(parts).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  })
  const wanted = names.filter((name) => /\.(list|sources)$/.test(name)).sort()
  const first = join(etc, 'sources.list')
  const there = await readFile(first).then(
    () => [first],
    () => [],
  )
  return [...there, ...wanted.map((name) => join(parts, name))]
}

/** `deb [signed-by=/a.gpg arch=amd64] URI SUITE COMPONENT…`, one a line. */
export function parseOneLine(text: string): Source[] {
  const sources: Source[] = []
  for (const line of text.split('\n')) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line)
    if (!match) continue
    const [, options = '', uri = '', suite = '', components = ''] = match
    const option = new Map(options.split(/\s+/).map((word) => splitOnce(word, '=')))
    sources.push({
      uri,
      suites: [suite],
      components: words(components),
      signedBy: option.get('signed-by')?.replaceAll(',', ' '),
      trusted: option.get('trusted') === 'yes',
    })
  }
  return sources
}

/** The format of .sources files: stanzas of fields, a continuation begins with a blank. */
export function parseDeb822(text: string): Source[] {
  const sources: Source[] = []
  for (const field of stanzas(text)) {
    if (!words(field.get('types')).includes('deb') || /^(no|false|0)$/i.test(field.get('enabled') ?? '')) continue
    for (const uri of words(field.get('uris')))
      sources.push({
        uri,
        suites: words(field.get('suites')),
        components: words(field.get('components')),
        signedBy: field.get('signed-by'),
        trusted: /^yes$/i.test(field.get('trusted') ?? ''),
      })
  }
  return sources
}

/** Debian's control format, shared by sources and package indexes: maps of lower-case field to value. */
export function stanzas(text: string): Map<string, string>[] {
  const result: Map<string, string>[] = []
  let fields = new Map<string, string>()
  let last = ''
  for (const line of [...text.split('\n'), '']) {
    if (line.startsWith('#')) continue
    if (line.trim() === '') {
      if (fields.size > 0) result.push(fields)
      fields = new Map()
    } else if (/^\s/.test(line)) {
      fields.set(last, `${fields.get(last) ?? ''}\n${line}`)
    } else {
      const [name, value] = splitOnce(line, ':')
      last = name.toLowerCase()
      fields.set(last, value.trim())
    }
  }
  return result
}

const SUITE =
  /^(buster|bullseye|bookworm|trixie|forky|duke|sid|stable|testing|unstable|oldstable)(-updates|-backports|-security|\/updates)?$/

function debianMirrors(sources: readonly Source[]): Mirrors | undefined {
  const debian = sources.filter(
    ({ uri, suites, components }) =>
      suites.some((suite) => SUITE.test(suite)) && components.includes('main') && !uri.startsWith('cdrom:'),
  )
  const likeliest = [...debian].sort((a, b) => likelihood(b) - likelihood(a))
  const isSecurity = (suite: string) => /(-security|\/updates)$/.test(suite)
  const main = likeliest.find(({ suites }) => suites.some((suite) => SUITE.test(suite) && !isSecurity(suite)))
  return main && { main, security: likeliest.find(({ suites }) => suites.some(isSecurity)) }
}

/** Vendors publish under “bookworm main” as well: Debian's own keys, or a folder called debian, tell them apart. */
function likelihood({ uri, signedBy }: Source): number {
  return (signedBy?.includes('debian-archive') ? 2 : 0) + (/\/debian(-security)?\/*$/.test(uri) ? 1 : 0)
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '')
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
