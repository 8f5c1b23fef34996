import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection } from '../../harness/queue/connection.ts'

/** A redis-server of the test's own, behind a socket in a temporary folder, which keeps its append-only file there. */
export class RedisServer {
  readonly folder: string
  #process: ChildProcess | undefined

  private constructor(folder: string) {
    this.folder = folder
  }

  static async start(t: { teardown(callback: () => Promise<void>): void }): Promise<RedisServer> {
    // Not below the test's folder: a socket's path has 107 characters.
    const server = new RedisServer(await mkdtemp(join(tmpdir(), 'tierlab-redis-')))
    t.teardown(async () => {
      await server.stop()
      await rm(server.folder, { recursive: true, force: true })
    })
    await server.begin()
    return server
  }

  get address(): string {
    return join(this.folder, 'socket')
  }

  /** Fulfilled when it answers. */
  async begin(): Promise<void> {
    const files = ['--dir', this.folder, '--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
    const server = ['redis-server', '--port', '0', '--unixsocket', this.address, ...files]
    // It ends with the test, whatever ends that.
    this.#process = spawn('setpriv', ['--pdeathsig', 'KILL', ...server], { stdio: 'ignore' })
    await once(this.#process, 'spawn')
    for (;;) {
      try {
        const connection = await Connection.open(this.address)
        connection[Symbol.dispose]()
        return
      } catch (error) {
        if (this.#process.exitCode !== null) throw error
        await new Promise((done) => setTimeout(done, 20))
      }
    }
  }

  /** Without a word to anyone, as when its machine goes down. */
  async stop(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.begin()
  }
}
