import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { BUILD_TOOLS, isBuildToolThere, missingBuildTools, SOURCE_PACKAGES } from '../../kernels/source/tools.ts'
import { hostMirrors } from '../../kernels/sources.ts'
import { messageOf } from '../base/errors.ts'
import { formatSize, GiB } from '../base/size.ts'
import { defaultCacheRoot } from '../base/store.ts'
import { type Style, styleFor } from '../report/style.ts'
import { EXIT } from './exit-status.ts'
import { findProgram, HOST_PROGRAM_NAMES, HOST_PROGRAMS, installLine, SPARABLE } from './host-check.ts'

/** One thing that was looked at. `bad`: nothing works without it; `worse`: it works, slower or with less. */
interface Finding {
  readonly state: 'good' | 'worse' | 'bad'
  readonly name: string
  readonly text: string
}

/** A kernel with its guest image takes about so much; a download needs some of it twice. */
const LEAST_FREE = GiB

/** `tierlab doctor`: everything that this machine must have, looked at without starting a guest. */
export async function doctorCommand(): Promise<number> {
  const style = styleFor(process.stdout)
  const findings = [...programs(), ...buildTools(), node(), kvm(), cache(), await mirrors()]
  const width = Math.max(...findings.map(({ name }) => name.length))
  process.stdout.write(findings.map((finding) => `${line(finding, width, style)}\n`).join(''))
  if (HOST_PROGRAM_NAMES.some((name) => findProgram(name) === undefined))
    process.stdout.write(`\nWhat is missing is installed by:\n  ${installLine()}\n`)
  if (missingBuildTools().length > 0)
    process.stdout.write(`\nWhat builds kernels is installed by:\n  ${installLine(SOURCE_PACKAGES)}\n`)
  return findings.some(({ state }) => state === 'bad') ? EXIT.unknown : EXIT.passed
}

function line({ state, name, text }: Finding, width: number, style: Style): string {
  const mark = {
    good: style.verdict('pass', '✓'),
    worse: style.verdict('broken', '!'),
    bad: style.verdict('fail', '✗'),
  }
  return `${mark[state]} ${name.padEnd(width)}  ${text}`
}

function programs(): Finding[] {
  return HOST_PROGRAM_NAMES.map((name) => {
    const { package: from, why } = HOST_PROGRAMS[name]
    const path = findProgram(name)
    const state = SPARABLE.includes(name) ? 'worse' : 'bad'
    if (path === undefined) return { state, name, text: `missing; it ${why} (package ${from})` }
    return { state: 'good', name, text: path }
  })
}

/** Of use to those who build kernels only, so that none is missed by others. */
function buildTools(): Finding[] {
  return BUILD_TOOLS.map(({ name, package: from, why }) =>
    isBuildToolThere(name)
      ? { state: 'good', name, text: `there; it ${why}` }
      : { state: 'worse', name, text: `missing, for kernels built from source; it ${why} (package ${from})` },
  )
}

function node(): Finding {
  return { state: 'good', name: 'node', text: process.version }
}

/** Whether KVM works is decided by a trial guest, at the first run; a device proves nothing. */
function kvm(): Finding {
  const name = '/dev/kvm'
  if (!existsSync(name)) return { state: 'worse', name, text: 'not there: guests are emulated, which is slower' }
  try {
    accessSync(name, constants.R_OK | constants.W_OK)
    return { state: 'good', name, text: 'there; the first run with --accel auto tries whether it works' }
  } catch {
    return { state: 'worse', name, text: 'not for this user (group kvm?): guests are emulated, which is slower' }
  }
}

function cache(): Finding {
  const root = defaultCacheRoot()
  const name = 'cache'
  try {
    let there = root
    while (!existsSync(there)) there = dirname(there)
    const { bavail, bsize } = statfsSync(there)
    const free = `${root}, ${((bavail * bsize) / GiB).toFixed(1)} GiB free`
    if (!statSync(there).isDirectory()) return { state: 'bad', name, text: `${there} is no folder; set XDG_CACHE_HOME` }
    accessSync(there, constants.W_OK)
    if (bavail * bsize >= LEAST_FREE) return { state: 'good', name, text: free }
    return { state: 'worse', name, text: `${free}; a kernel and its guest image may take ${formatSize(LEAST_FREE)}` }
  } catch (error) {
    return { state: 'bad', name, text: `${root} cannot be written (${messageOf(error)}); set XDG_CACHE_HOME` }
  }
}

async function mirrors(): Promise<Finding> {
  const name = 'apt sources'
  try {
    const { main, security } = await hostMirrors('/etc/apt')
    const uris = [...new Set([main.uri, ...(security ? [security.uri] : [])])]
    return { state: 'good', name, text: uris.join(', ') }
  } catch (error) {
    return { state: 'bad', name, text: messageOf(error) }
  }
}
