import { hostBytes } from '../../harness/base/process.ts'

/** A git repository by its .git folder, with the index and work tree to use where a command needs one. */
export interface Repository {
  readonly folder: string
  readonly index?: string
  readonly workTree?: string
}

interface GitOptions {
  /** To begin an error message with: “Reading mm/memory-tiers.c”. */
  readonly purpose: string
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Runs git as if its user had configured nothing: no hook, filter or line ending of theirs decides what is built.
 * Returns its output without the last newline. Throws HostError with git's words.
 */
export async function git(repository: Repository, args: readonly string[], options: GitOptions): Promise<string> {
  return (await gitBytes(repository, args, options)).toString().replace(/\n$/, '')
}

/** The bytes of a file in a tree (a commit or tree object); undefined when it has none of that path. */
export async function fileIn(repository: Repository, tree: string, path: string): Promise<Buffer | undefined> {
  const purpose = `Reading ${path} of ${tree}`
  if ((await git(repository, ['ls-tree', tree, '--', path], { purpose })) === '') return undefined
  return gitBytes(repository, ['cat-file', 'blob', `${tree}:${path}`], { purpose })
}

function gitBytes(
  { folder, index, workTree }: Repository,
  args: readonly string[],
  { purpose, input, env }: GitOptions,
): Promise<Buffer> {
  const settings = ['safe.directory=*', 'core.hooksPath=/dev/null', 'core.autocrlf=false', 'gc.auto=0']
  return hostBytes('git', [...settings.flatMap((setting) => ['-c', setting]), ...args], {
    purpose,
    env: {
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_DIR: folder,
      ...(index !== undefined && { GIT_INDEX_FILE: index }),
      ...(workTree !== undefined && { GIT_WORK_TREE: workTree }),
      ...env,
    },
    ...(input !== undefined && { input }),
    ...(workTree !== undefined && { cwd: workTree }),
  })
}
