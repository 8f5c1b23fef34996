import { Redis } from 'ioredis'
import { HostError, messageOf, UsageError } from '../base/errors.ts'

const DEFAULT_ADDRESS = 'redis://127.0.0.1:6379'

/** A Redis that has not answered by then is not there. */
const OPEN_LIMIT_MS = 5_000
/** A Redis that goes away is waited for about a minute: it may be restarted, or read its append-only file. */
const TRIES = 40

/** What was given, else $TIERLAB_REDIS, else this machine's. Throws UsageError when it is no address. */
export function redisAddress(given?: string): string {
  const address = given ?? (process.env.TIERLAB_REDIS || DEFAULT_ADDRESS)
  if (/^rediss?:\/\/[^/]+/.test(address) || address.startsWith('/')) return address
  throw new UsageError(
    `“${address}” is no address of a Redis. Write redis://HOST:PORT, rediss://HOST:PORT, or the path of its socket.`,
  )
}

/** A connection to Redis that outlives a restart of it, and ends in words. */
export class Connection implements Disposable {
  readonly redis: Redis
  readonly #lost: Promise<never>
  #closing = false
  #gone: HostError | undefined

  private constructor(redis: Redis, address: string) {
    this.redis = redis
    this.#lost = new Promise((_resolve, reject) => {
      redis.on('end', () => {
        if (this.#closing) return
        this.#gone = notThere(address, 'it has not answered for a minute')
        reject(this.#gone)
      })
    })
    this.#lost.catch(() => {})
  }

  /** Throws HostError, within some seconds, when no Redis answers there. */
  static async open(address: string): Promise<Connection> {
    let everReady = false
    const redis = new Redis(address, {
      ...{ lazyConnect: true, connectTimeout: OPEN_LIMIT_MS, maxRetriesPerRequest: null },
      retryStrategy: (times) => (everReady && times <= TRIES ? Math.min(times * 100, 2_000) : null),
    })
    let words = 'it did not answer'
    redis.on('error', (error) => {
      words = messageOf(error)
    })
    redis.on('ready', () => {
      everReady = true
    })
    const limit = setTimeout(() => redis.disconnect(), OPEN_LIMIT_MS)
    try {
      await redis.connect()
    } catch (cause) {
      throw notThere(address, words === 'it did not answer' ? messageOf(cause) : words, cause)
    } finally {
      clearTimeout(limit)
    }
    return new Connection(redis, address)
  }

  /** Why nothing more comes of it; undefined while there is hope. */
  get gone(): HostError | undefined {
    return this.#gone
  }

  /** The work's outcome, or HostError when Redis went away and did not come back. */
  during<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#lost])
  }

  [Symbol.dispose](): void {
    this.#closing = true
    this.redis.disconnect()
  }
}

function notThere(address: string, words: string, cause?: unknown): HostError {
  const { hostname, port } = address.startsWith('/') ? { hostname: '', port: '' } : new URL(address)
  const near = ['', 'localhost', '127.0.0.1', '[::1]'].includes(hostname)
  const place = hostname === '' ? `--unixsocket ${address}` : `--port ${port || 6379}`
  return new HostError(
    `No Redis answers at ${withoutSecret(address)} (${words}). Start one${near ? '' : ' there'} with: ` +
      `redis-server ${place} --appendonly yes`,
    { cause },
  )
}

/** A password must not get into a log. */
function withoutSecret(address: string): string {
  return address.replace(/\/\/[^@/]*@/, '//')
}
