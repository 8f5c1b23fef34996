import { InvalidArgumentError, Option } from 'commander'
import { FORMATS, parseWish, type Wish } from '../../report/format.ts'

// Options that several commands have.

const ACCELERATORS = ['auto', 'kvm', 'tcg']

export function accelOption(): Option {
  return new Option('--accel <name>', 'how guests are run; auto takes kvm where it works')
    .choices(ACCELERATORS)
    .default('auto')
}

export function formatOption(): Option {
  return new Option(
    '--format <name[=file]>',
    'a report on standard output, or in a file; may be given several times (default: pretty)',
  )
    .choices(FORMATS)
    .argParser((text, before: readonly Wish[] = []) => [...before, parseWish(text)])
}

export function userlandOption(): Option {
  return new Option('--userland <debian:suite>', 'the Debian release of the guest’s ndctl and daxctl').argParser(
    (text) => {
      const [, suite] = /^debian:([a-z]+)$/.exec(text) ?? []
      if (suite === undefined) throw new InvalidArgumentError('Write it like debian:trixie.')
      return suite
    },
  )
}
