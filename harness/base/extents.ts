import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** lseek(2)'s SEEK_DATA and SEEK_HOLE, which Node.js does not have; perl-base is on every Debian. */
const SCRIPT = `open(my $f, "<", $ARGV[0]) or exit 1; my $at = 0;
while (defined(my $data = sysseek($f, $at, 3))) { $at = sysseek($f, $data, 4) or exit 1; print $data + 0, " $at\\n" }
exit($!{ENXIO} ? 0 : 1)`

/** Where a file may have other bytes than zeros: [from, to), ascending. Undefined where that cannot be asked. */
export async function dataExtents(path: string): Promise<readonly (readonly [from: number, to: number])[] | undefined> {
  try {
    const { stdout } = await run('perl', ['-MErrno', '-e', SCRIPT, path], { maxBuffer: 64 * 1024 * 1024 })
    const lines = stdout.split('\n').filter((line) => line !== '')
    return lines.map((line) => {
      const [from = 0, to = 0] = line.split(' ').map(Number)
      return [from, to]
    })
  } catch {
    return undefined
  }
}
