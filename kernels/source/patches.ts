import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { hasCode, messageOf, SourceError, UsageError } from '../../harness/base/errors.ts'
import { hostBytes } from '../../harness/base/process.ts'
import { git, type Repository } from './git.ts'
import { type Patch, type PatchMail, seriesOf } from './mail.ts'

/**
 * The patches of a file, in the order of their series: an mbox, one mail (as git format-patch writes it), or a bare diff.
 * Throws UsageError when there is none, or not one whole series.
 */
export async function readPatches(file: string): Promise<Patch[]> {
  const text = await readFile(file, 'latin1').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) throw new UsageError(`There is no patch at ${file}.`)
    if (hasCode(error, 'EISDIR')) throw new UsageError(`${file} is a folder, not a patch.`)
    throw error
  })
  if (/^(From |[A-Z][A-Za-z-]*: )/.test(text)) return seriesOf(await readMails(file), file)
  if (!/^(diff --git|--- )/m.test(text)) throw new UsageError(`${file} is neither a diff nor mail with patches.`)
  return [{ subject: basename(file), text: await readFile(file, 'utf8') }]
}

/** Has git take the mails apart: it knows their encodings, and where a diff begins. */
async function readMails(file: string): Promise<PatchMail[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tierlab-mail-'))
  const purpose = `Reading the mails of ${file}`
  try {
    await hostBytes('git', ['mailsplit', '-b', '--keep-cr', `-o${folder}`, '--', file], { purpose })
    const mails: PatchMail[] = []
    for (const name of (await readdir(folder)).sort()) {
      const [message, diff] = [join(folder, `${name}.message`), join(folder, `${name}.diff`)]
      const input = await readFile(join(folder, name))
      const facts = await hostBytes('git', ['mailinfo', '-k', message, diff], { purpose, input, cwd: folder })
      const subject = /^Subject: (.*)$/m.exec(facts.toString())?.[1] ?? ''
      mails.push({ subject, diff: await readFile(diff, 'utf8') })
    }
    return mails
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * The tree with the patch applied; no file on a disk is touched.
 * Throws SourceError that names the hunk when it does not apply.
 */
export async function applyPatch(repository: Repository, tree: string, patch: Patch): Promise<string> {
  const purpose = `Applying “${patch.subject}”`
  return changeTree(repository, tree, purpose, async (changing) => {
    await git(changing, ['apply', '--cached', '--whitespace=nowarn', '-'], { purpose, input: patch.text }).catch(
      (error: unknown) => {
        throw doesNotApply(patch, error)
      },
    )
  })
}

/** A new tree object made by commands on an index of its own that begins as `tree`. */
export async function changeTree(
  repository: Repository,
  tree: string,
  purpose: string,
  change: (changing: Repository) => Promise<void>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tierlab-index-'))
  const changing = { folder: repository.folder, index: join(folder, 'index') }
  try {
    await git(changing, ['read-tree', tree], { purpose })
    await change(changing)
    return await git(changing, ['write-tree'], { purpose })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function doesNotApply(patch: Patch, error: unknown): unknown {
  const words = messageOf(error)
  const places = [...words.matchAll(/patch failed: (\S+?):(\d+)/g)].map(([, path = '', line = '']) =>
    hunkAt(patch.text, path, Number(line)),
  )
  const others = [...words.matchAll(/error: (.+?)(?:; error|$)/gm)].map(([, text = '']) => text)
  const where = places.length > 0 ? places : others.length > 0 ? others : [words]
  return new SourceError(`The patch “${patch.subject}” does not apply to this tree:`, 'patch', [...new Set(where)], {
    cause: error,
  })
}

/** `hunk 2 of 3 of mm/memory-tiers.c (@@ -100,7 +101,9 @@ …)` */
function hunkAt(text: string, path: string, line: number): string {
  const file = text.split(/^(?=diff --git |--- a\/)/m).filter((part) => part.includes(`--- a/${path}`))
  const hunks = file.flatMap((part) => [...part.matchAll(/^@@ -(\d+).*$/gm)])
  const at = hunks.findIndex(([, start]) => Number(start) === line)
  const found = hunks[at]
  return found === undefined
    ? `${path} near line ${line}`
    : `hunk ${at + 1} of ${hunks.length} of ${path} (${found[0]})`
}
