import { constants } from 'node:os'
import { Interrupted } from '../base/errors.ts'
import { endHostCommands } from '../base/process.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** After a signal everything has this long to end by itself. */
const GRACE_MS = 2_000

/** Turns Ctrl-C and its kin into an end in good order; a second one ends at once. */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController()
  readonly #expired: Promise<never>
  readonly #dispose: () => void

  constructor() {
    let expire: (error: Error) => void = () => {}
    this.#expired = new Promise((_resolve, reject) => {
      expire = reject
    })
    this.#expired.catch(() => {})
    const onSignal = (name: (typeof SIGNALS)[number]) => {
      // A terminal that goes away says so more than once; only a person means it when they insist.
      if (this.#controller.signal.aborted && name === 'SIGHUP') return
      if (this.#controller.signal.aborted) process.exit(128 + constants.signals[name])
      setTimeout(() => expire(new Interrupted('Interrupted.')), GRACE_MS).unref()
      endHostCommands()
      this.#controller.abort()
    }
    for (const name of SIGNALS) process.on(name, onSignal)
    this.#dispose = () => {
      for (const name of SIGNALS) process.off(name, onSignal)
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The work's outcome. Once interrupted, a failure counts as the interruption, and no outcome is waited for long. */
  async during<T>(work: Promise<T>): Promise<T> {
    try {
      return await Promise.race([work, this.#expired])
    } catch (error) {
      if (this.signal.aborted && !(error instanceof Interrupted))
        throw new Interrupted('Interrupted.', { cause: error })
      throw error
    }
  }

  [Symbol.dispose](): void {
    this.#dispose()
  }
}
