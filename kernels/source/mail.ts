import { UsageError } from '../../harness/base/errors.ts'

/** One patch of a file: a mail of a series, or a bare diff. */
export interface Patch {
  /** The subject without its tags, or the file's name. */
  readonly subject: string
  readonly text: string
}

/** A mail that may hold a patch: its subject as it was sent, and its diff, empty for a cover letter. */
export interface PatchMail {
  readonly subject: string
  readonly diff: string
}

interface Tag {
  readonly version: number
  readonly at: number | undefined
  readonly of: number | undefined
}

/**
 * The patches of one series in their order, from mails in any order; cover letters and replies are left out.
 * Throws UsageError for mails of several series, a patch that is there twice, and one that is missing.
 */
export function seriesOf(mails: readonly PatchMail[], file: string): Patch[] {
  const patches = mails
    .filter(({ subject, diff }) => diff.trim() !== '' && !/^re:/i.test(subject))
    .map((mail) => ({ ...mail, tag: tagOf(mail.subject), subject: bareSubject(mail.subject) }))
  if (patches.length === 0) throw new UsageError(`${file} holds no patch.`)
  const sizes = new Set(patches.map(({ tag }) => `${tag.of ?? 1} patches, v${tag.version}`))
  if (sizes.size > 1)
    throw new UsageError(
      `${file} holds mails of several series (${[...sizes].join('; ')}). Keep those of one series in a file.`,
    )
  const of = patches[0]?.tag.of
  if (of === undefined) return patches.map(patchOf)
  const inOrder = [...patches].sort((a, b) => (a.tag.at ?? 0) - (b.tag.at ?? 0))
  const numbers = inOrder.map(({ tag }) => tag.at)
  const twice = numbers.find((number, at) => numbers.indexOf(number) !== at)
  if (twice !== undefined) throw new UsageError(`${file} holds patch ${twice}/${of} twice.`)
  const missing = Array.from({ length: of }, (_, at) => at + 1).filter((number) => !numbers.includes(number))
  if (missing.length > 0)
    throw new UsageError(`${file} lacks ${missing.map((number) => `patch ${number}/${of}`).join(', ')} of its series.`)
  return inOrder.map(patchOf)
}

function patchOf({ subject, diff }: PatchMail): Patch {
  return { subject, text: diff }
}

/** Of `[RFC PATCH mm v13 4/9] …`: version 13, patch 4 of 9. */
function tagOf(subject: string): Tag {
  const words = (/^\s*((?:\[[^\]]*\]\s*)+)/.exec(subject)?.[1] ?? '').split(/[\s[\]]+/)
  const version = words.map((word) => /^v(\d+)$/i.exec(word)?.[1]).find((found) => found !== undefined)
  const [, at, of] = words.map((word) => /^(\d+)\/(\d+)$/.exec(word)).find((found) => found !== null) ?? []
  return {
    version: Number(version ?? 1),
    at: at === undefined ? undefined : Number(at),
    of: of === undefined ? undefined : Number(of),
  }
}

function bareSubject(subject: string): string {
  return subject.replace(/^\s*(?:\[[^\]]*\]\s*)+/, '').trim()
}
