import { InvalidArgumentError } from 'commander'
import { parseSize } from '../../base/size.ts'
import type { Shard } from '../../run/shard.ts'

// What an argument may be: each function takes the text of one, and throws InvalidArgumentError.

export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

export function runName(text: string): string {
  if (!/^[\w.-]{1,100}$/.test(text)) throw new InvalidArgumentError('It is made of letters, digits, “.”, “_” and “-”.')
  return text
}

export function shard(text: string): Shard {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  const both = { index: Number(index), of: Number(of) }
  if (index === undefined || both.index < 1 || both.index > both.of || both.of > 1000)
    throw new InvalidArgumentError('Write it like 2/5: the second of five.')
  return both
}

export function size(text: string): number {
  const bytes = parseSize(text)
  if (bytes === undefined) throw new InvalidArgumentError('Write it like 5GiB, 800MiB, or a number of bytes.')
  return bytes
}

export function jobs(text: string): number | 'auto' {
  return text === 'auto' ? text : integer(text, 1, 1024, 'It must be auto, or a number from 1 on.')
}

export function confidence(text: string): number {
  const value = Number(text)
  if (!(value >= 0.5 && value < 1)) throw new InvalidArgumentError('It lies between 0.5 and 1, as 0.99 does.')
  return value
}

export function times(text: string): number {
  return integer(text, 1, 10_000, 'It must be a number from 1 on.')
}

export function whole(text: string): number {
  return integer(text, 0, 2 ** 31 - 1, 'It must be a whole number from 0 on, below 2147483648.')
}

export function stepCount(text: string): number {
  return integer(text, 1, 100, 'It must be a number from 1 to 100.')
}

export function minutes(text: string): number {
  const value = Number(text)
  if (!(value > 0) || value > 10_080) throw new InvalidArgumentError('It must be a number of minutes, up to a week.')
  return value
}

export function seconds(text: string): number {
  const value = Number(text)
  if (!(value > 0) || value > 86_400) throw new InvalidArgumentError('It must be a number of seconds, up to a day.')
  return value
}

function integer(text: string, least: number, most: number, says: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least || value > most) throw new InvalidArgumentError(says)
  return value
}
