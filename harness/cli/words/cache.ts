import { size } from './arguments.ts'
import type { Words } from './words.ts'

/** What is kept: listed, pruned, verified. */
export function cacheWords({ program, finished }: Words): void {
  const cache = program.command('cache').description('list, prune and verify what is kept').helpCommand(false)
  cache
    .command('list')
    .description('what is in the cache, the last used first')
    .option('--json', 'as one JSON document')
    .option('--verbose', 'say where an error was made')
    .action(async (options) => {
      finished(await (await import('../cache-command.ts')).listCacheCommand(options))
    })
  cache
    .command('prune')
    .description('remove the least recently used until the cache is within a bound; never what is in use')
    .option('--max-size <size>', 'the bound (default: $TIERLAB_CACHE_SIZE, or 5GiB)', size)
    .option('--verbose', 'say where an error was made')
    .action(async (options) => {
      finished(await (await import('../cache-command.ts')).pruneCacheCommand(options))
    })
  cache
    .command('verify')
    .description(
      'read all of it and name what is damaged, which stays until it is needed and built again; exit 1 if any is',
    )
    .option('--verbose', 'say where an error was made')
    .action(async () => {
      finished(await (await import('../cache-command.ts')).verifyCacheCommand())
    })
}
