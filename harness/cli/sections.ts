import { readFile, writeFile } from 'node:fs/promises'
import { HostError, hasCode, messageOf } from '../base/errors.ts'

/**
 * Writes the section of a Markdown file that is headed by a name, and leaves the others; it comes last when it is new.
 * Throws HostError when the file cannot be written.
 */
export async function replaceSection(file: string, name: string, body: string): Promise<void> {
  try {
    const before = await readFile(file, 'utf8').catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return ''
      throw error
    })
    await writeFile(file, withSection(before, name, body))
  } catch (cause) {
    throw new HostError(`${file} cannot be written (${messageOf(cause)}).`, { cause })
  }
}

/** The text with `## name` and what follows it, up to the next such heading, replaced. */
export function withSection(text: string, name: string, body: string): string {
  const parts = text === '' ? [] : text.trimEnd().split(/\n(?=## )/)
  const section = `## ${name}\n\n${body}\n`
  const at = parts.findIndex((part) => part.split('\n', 1)[0] === `## ${name}`)
  if (at < 0) parts.push(section)
  else parts[at] = section
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`
}
