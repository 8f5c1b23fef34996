import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { HostError, messageOf } from '../base/errors.ts'

const run = promisify(execFile)

/**
 * The lines of a kernel's complaint with source and line behind each `function+0xOFFSET/0xSIZE`, from a vmlinux with debug
 * information; others stay as they are, functions of modules among them. Throws HostError when the vmlinux cannot be read.
 */
export async function decoded(lines: readonly string[], vmlinux: string): Promise<string[]> {
  const places = lines.map((line) => PLACE.exec(line)?.slice(1))
  if (places.every((place) => place === undefined)) return [...lines]
  const start = await symbols(vmlinux, new Set(places.flatMap((place) => place?.[0] ?? [])))
  const addresses = places.map((place) => {
    const [name = '', offset = '0'] = place ?? []
    const symbol = start.get(name)
    // A return address is behind the call; a faulting one (RIP) is itself.
    return symbol === undefined ? undefined : symbol + BigInt(offset)
  })
  const sources = await sourceLines(vmlinux, [...new Set(addresses.filter((address) => address !== undefined))])
  return lines.map((line, index) => {
    const address = addresses[index]
    const before = address === undefined || line.includes('RIP:') ? address : address - 1n
    const source = before === undefined ? undefined : sources.get(before)
    return source === undefined ? line : `${line.replace(/ \[.*\]$/, '')} (${source})`
  })
}

const PLACE = /([\w.]+)\+(0x[0-9a-f]+)\/0x[0-9a-f]+(?! \[)/

async function symbols(vmlinux: string, names: ReadonlySet<string>): Promise<Map<string, bigint>> {
  const found = new Map<string, bigint>()
  for (const line of (await output('nm', [vmlinux])).split('\n')) {
    const [address = '', , name = ''] = line.split(' ')
    if (names.has(name) && !found.has(name)) found.set(name, BigInt(`0x${address}`))
  }
  return found
}

/** `mm/memory-tiers.c:859`, by address and by the address before it. Nothing where there is no debug information. */
async function sourceLines(vmlinux: string, addresses: readonly bigint[]): Promise<Map<bigint, string>> {
  const asked = addresses.flatMap((address) => [address - 1n, address])
  const text = await output('addr2line', ['-e', vmlinux, ...asked.map((address) => `0x${address.toString(16)}`)])
  const lines = text.split('\n')
  return new Map(
    asked.flatMap((address, index): [bigint, string][] => {
      const [place = ''] = (lines[index] ?? '').split(' (')
      return place.startsWith('?') || place.endsWith(':?') ? [] : [[address, shortened(place)]]
    }),
  )
}

/** A kernel's sources are told from its root. */
function shortened(place: string): string {
  return place.replace(/^.*\/(?=(?:arch|block|drivers|fs|include|init|kernel|lib|mm|net|security|virt)\/)/, '')
}

async function output(program: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(program, args, { maxBuffer: 512 * 1024 * 1024 })).stdout
  } catch (cause) {
    throw new HostError(
      `The vmlinux ${args.find((arg) => arg.includes('/')) ?? ''} cannot be read by ${program} (package binutils): ${messageOf(cause)}`,
      { cause },
    )
  }
}
