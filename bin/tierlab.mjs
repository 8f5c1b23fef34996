#!/usr/bin/env node
// Registers the loader for TypeScript, then leaves everything to harness/cli.
import { register as registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`tierlab: Node.js ${process.versions.node} is too old; tierlab needs 20 or newer.`)
  process.exit(69)
}

try {
  const { register } = await import('tsx/esm/api')
  // The settings of the folder in which the command is given must not decide how tierlab's own sources are read.
  register({ tsconfig: fileURLToPath(new URL('../tsconfig.json', import.meta.url)) })
  registerHooks('./scenario-loader.mjs', import.meta.url)
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error
  const folder = fileURLToPath(new URL('..', import.meta.url))
  console.error(`tierlab: What tierlab depends on is not installed. Run “npm ci” in ${folder} once.`)
  process.exit(69)
}

const { main } = await import('../harness/cli/main.ts')
process.exit(await main(process.argv))
