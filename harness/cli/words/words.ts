import type { Command } from 'commander'

/** What a part of the command line is added to. */
export interface Words {
  readonly program: Command
  /** A command of the first level, with the options that all have. */
  readonly command: (words: string, description: string) => Command
  /** Receives the exit status. */
  readonly finished: (status: number) => void
}
