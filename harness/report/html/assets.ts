import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

/** The page's script and style, each as one text. */
export interface Assets {
  readonly script: string
  readonly style: string
}

/** The script is written in modules that share the views with us; a page of one file needs one script. */
export async function assets(): Promise<Assets> {
  const client = join(import.meta.dirname, 'client')
  const { outputFiles } = await build({
    ...{ entryPoints: [join(client, 'main.ts')], bundle: true, write: false, minify: true, format: 'iife' },
    ...{ target: 'es2022', charset: 'ascii', legalComments: 'none', logLevel: 'silent' },
    // The settings of the folder in which the command is given must not decide.
    tsconfigRaw: {},
  })
  const script = outputFiles.map(({ text }) => text).join('')
  return { script, style: await readFile(join(client, 'style.css'), 'utf8') }
}
