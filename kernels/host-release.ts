import { readFile } from 'node:fs/promises'
import { UsageError } from '../harness/base/errors.ts'

/** The series of the kernel that a Debian release installs by default. */
const DEFAULT_SERIES: Readonly<Record<string, string>> = { bookworm: '6.1', trixie: '6.12' }

/** What the word `debian` means on this host. Throws UsageError when it means nothing. */
export async function defaultSeries(osRelease = '/etc/os-release'): Promise<string> {
  return seriesOf(await readFile(osRelease, 'utf8').catch(() => ''))
}

/** The same from the text of an os-release file. */
export function seriesOf(osRelease: string): string {
  const codename = /^VERSION_CODENAME="?([\w-]*)"?$/m.exec(osRelease)?.[1]
  const series = DEFAULT_SERIES[codename ?? '']
  if (series === undefined)
    throw new UsageError(
      `The kernel “debian” is the default one of the host's Debian release, and this host's (${codename ?? 'unnamed'}) ` +
        'is neither bookworm nor trixie. Name a series: debian:6.1, debian:6.12 or debian:7.',
    )
  return series
}
