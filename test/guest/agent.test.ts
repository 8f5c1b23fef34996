import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'

// The agent under the host's busybox, whose shell it is written for, with one end of a socket pair as its port.
const agentPath = new URL('../../guest/agent', import.meta.url).pathname
const skip = missing('busybox')

t.test('the agent', { skip }, async (t) => {
  const agent = await startAgent(t.testdir())
  t.teardown(() => agent.stop())

  t.test('says that it is ready, with its version and 32 hexadecimal digits', async (t) => {
    t.match(agent.greeting, /^ready 1 [0-9a-f]{32}$/)
  })

  t.test('answers hello with the nonce it was ready with', async (t) => {
    const [, , nonce] = agent.greeting.split(' ')
    const { line, id } = await agent.request('hello')
    t.equal(line, `hello ${id} 1 ${nonce}`)
  })

  t.test('keeps status, stdout and stderr apart', async (t) => {
    t.match(await agent.request('run', 'echo out; echo err >&2; exit 7'), { status: 7, out: 'out\n', err: 'err\n' })
  })

  t.test('needs no newline at the end of a script', async (t) => {
    t.match(await agent.request('run', 'printf x'), { status: 0, out: 'x', err: '' })
    t.match(await agent.request('run', 'printf x\n'), { status: 0, out: 'x', err: '' })
    t.match(await agent.request('run', ''), { status: 0, out: '', err: '' })
  })

  t.test('takes several lines, quotes, umlauts and blank lines as they are', async (t) => {
    const script = "\n  x='a  b\\n'\n\ncat <<'END'\nü $x\n\tEND\nEND\nprintf '%s' \"$x\"\n\n"
    t.match(await agent.request('run', script), { out: 'Ã¼ $x\n\tEND\na  b\\n' })
    t.match(await agent.request('read', script), { out: 'Ã¼ $x\n\tEND\na  b\\n\n' })
  })

  t.test('reports a signal as 128 + its number', async (t) => {
    t.match(await agent.request('run', 'kill -SEGV $$'), { status: 139 })
  })

  t.test('reports a syntax error as the script’s, not as its own', async (t) => {
    for (const verb of ['run', 'read'] as const) {
      const reply = await agent.request(verb, 'for')
      t.equal(reply.status, 2)
      t.match(reply.err, /syntax error/)
    }
  })

  t.test('passes any bytes', async (t) => {
    const all = String.raw`i=0; while [ $i -lt 256 ]; do printf "\\$(printf %03o $i)"; i=$((i + 1)); done`
    const reply = await agent.request('run', `${all}; ${all} >&2`)
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1')
    t.equal(reply.out, bytes)
    t.equal(reply.err, bytes)
  })

  t.test('passes output that looks like a reply', async (t) => {
    t.match(await agent.request('run', 'echo done 1 0 0 0; echo error >&2'), { out: 'done 1 0 0 0\n', err: 'error\n' })
  })

  t.test('passes more than 1 MiB on either stream', async (t) => {
    const reply = await agent.request('run', 'head -c 1500000 /dev/zero | tr "\\0" a; head -c 1200000 /dev/zero >&2')
    t.equal(reply.out, 'a'.repeat(1_500_000))
    t.equal(reply.err, '\0'.repeat(1_200_000))
  })

  t.test('takes scripts of more than 100 KB', async (t) => {
    const long = `x='${'line\n'.repeat(30_000)}'; echo \${#x}`
    t.match(await agent.request('run', long), { status: 0, out: '150000\n' })
    t.match(await agent.request('read', long), { status: 0, out: '150000\n' })
  })

  t.test('counts the bytes that a command wrote over its own output', async (t) => {
    t.match(await agent.request('run', 'echo long long long; echo x >/dev/stdout'), { status: 0, out: /x\n/ })
    t.match(await agent.request('hello'), { line: /^hello / }, 'and stays in step')
  })

  t.test('does not wait for a child that holds stdout', async (t) => {
    const mark = `32${process.pid % 10_000}`
    t.match(await agent.request('run', `sleep ${mark} & echo now`), { status: 0, out: 'now\n' })
    await until(() => running(`sleep ${mark}`)) // the child lives on
    await agent.request('run', `pkill -f '^sleep ${mark}$'`)
  })

  t.test('is not confused by a child that goes on writing', async (t) => {
    const writer = '(i=0; while [ $i -lt 300 ]; do echo noise; i=$((i + 1)); done) & echo start'
    for (let round = 0; round < 5; round += 1) t.match(await agent.request('run', writer), { out: /start/ })
    t.match(await agent.request('run', 'echo clean'), { out: 'clean\n' })
  })

  t.test('gives a command no stdin, no descriptors of its own and a session', async (t) => {
    // Not by `ls` or a glob: who looks through the folder has it open there.
    const open = 'cat; for fd in 0 1 2 3 4 5 6 7 8; do [ ! -e /proc/$$/fd/$fd ] || echo $fd; done'
    t.match(await agent.request('run', open), { out: /^0\n1\n2\n$/ })
    t.match(await agent.request('run', 'read -r _ _ _ _ _ session _ </proc/$$/stat; [ $session = $$ ]'), { status: 0 })
  })

  t.test('gives an observation text: one newline at its end, or nothing', async (t) => {
    t.match(await agent.request('read', 'printf x'), { status: 0, out: 'x\n', err: '' })
    t.match(await agent.request('read', 'echo x; echo; echo'), { out: 'x\n' })
    t.match(await agent.request('read', 'true'), { status: 0, out: '', err: '' })
    t.match(await agent.request('read', 'echo x; echo y >&2; exit 3'), { status: 3, out: 'x\n', err: 'y\n' })
    t.match(await agent.request('read', 'true'), { err: '' }, 'and does not repeat an older one’s errors')
  })

  t.test('gives an observation’s text at any size', async (t) => {
    const { out } = await agent.request('read', 'exec seq 100000')
    t.equal(out.length, 588_895)
    t.equal(out.slice(-7), '100000\n')
  })

  t.test('is not changed by what a script does to its shell', async (t) => {
    await agent.request('read', 'folder=/nowhere; nonce=x; cd /proc; exec 3>&- >/dev/null')
    await agent.request('read', 'reply() { :; }; set -eu; exit 9')
    t.match(await agent.request('read', 'pwd; echo $nonce'), { out: /^\/.*\n[0-9a-f]{32}\n/ })
  })

  t.test('serves others while a command runs', async (t) => {
    const slow = agent.request('run', 'sleep 1; echo slow')
    const fast = await Promise.all(Array.from({ length: 10 }, (_, i) => agent.request('read', `echo ${i}`)))
    t.same(
      fast.map(({ out }) => out.trim()),
      ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    )
    t.match(await slow, { status: 0, out: 'slow\n' })
  })

  t.test('never mixes two large replies', async (t) => {
    const letters = ['a', 'b', 'c', 'd']
    const script = (letter: string) => `head -c 300000 /dev/zero | tr "\\0" ${letter}`
    const replies = await Promise.all(letters.map((letter) => agent.request('run', script(letter))))
    for (const [index, letter] of letters.entries()) t.equal(replies[index]?.out, letter.repeat(300_000))
  })

  t.test('kills a command that loops, ignores SIGTERM and has children', async (t) => {
    const mark = `31${process.pid % 10_000}`
    const hang = agent.request(
      'run',
      `trap "" TERM INT HUP; (trap "" TERM; sleep ${mark}) & echo up; while :; do :; done`,
    )
    await until(() => readFileSync(join(agent.folder, `${hang.id}.out`), 'latin1') === 'up\n')
    await until(() => running(`sleep ${mark}`))
    agent.send(`kill ${hang.id}\n`)
    t.match(await hang, { status: 137, out: 'up\n' })
    // A killed process may need a moment to be gone.
    await until(() => !running(`sleep ${mark}`))
  })

  t.test('kills a command however soon the kill comes', async (t) => {
    for (let delay_ms = 0; delay_ms < 10; delay_ms += 1) {
      const hang = agent.request('run', 'sleep 100 & wait')
      if (delay_ms > 0) await sleep(delay_ms)
      agent.send(`kill ${hang.id}\n`)
      t.match(await hang, { status: 137 })
    }
  })

  t.test('ignores a kill of what has ended or never was', async (t) => {
    const { id } = await agent.request('run', 'true')
    agent.send(`kill ${id}\nkill 999999\n`)
    t.match(await agent.request('read', 'echo fine'), { out: 'fine\n' })
  })

  t.test('refuses what it does not understand, and goes on', async (t) => {
    t.equal((await agent.request('reboot')).line.replace(/\d+/, 'N'), 'error N unknown verb')
    for (const garbage of ['\n', 'run\n', 'run x 5\n', '\xff\xfe\x00 \x01\n', 'GET / HTTP/1.1\n', 'run 0x5 3\n'])
      t.match(await agent.garbage(garbage), /^error 0 /)
    t.match(await agent.garbage('run 77 many\n'), /^error 77 .*bytes/)
    t.match(await agent.garbage('run 78\n'), /^error 78 .*bytes/)
    t.match(await agent.garbage('read 79 -1\n'), /^error 79 .*bytes/)
    t.match(await agent.garbage(`run 1${'0'.repeat(30)} 3\n`), /^error 0 /)
    t.match(await agent.request('read', 'echo fine'), { out: 'fine\n' })
  })

  t.test('leaves neither files nor zombies behind', async () => {
    for (let round = 0; round < 50; round += 1) await agent.request('run', 'echo x; (true &)')
    await agent.request('read', 'true')
    // Files go after the reply, zombies with the next request.
    const left = () => readdirSync(agent.folder).filter((name) => !/^(read\.\d|requests|taken|turn)$/.test(name))
    await until(() => left().length === 0)
    await until(async () => {
      await agent.request('read', 'true')
      return agent.zombies() < 5
    })
  })

  t.test('has a console only where there is one', { skip: existsSync('/dev/hvc0') && 'has /dev/hvc0' }, async (t) => {
    t.match((await agent.request('console')).line, /^error \d+ .*no virtio console/)
  })

  t.test('says what docs/guest-protocol.md shows of an exchange', async (t) => {
    const page = readFileSync(new URL('../../docs/guest-protocol.md', import.meta.url), 'utf8')
    const [, shown = ''] = /^guest {2}(ready 1 .*?)^```$/ms.exec(page) ?? []
    const [, , nonce = ''] = agent.greeting.split(' ')
    const bytes = shown.replaceAll(/\b[0-9a-f]{32}\b/g, nonce).replaceAll(/\n {9}/g, '\n')
    const turns = bytes.split(/^(?=host|guest)/m).slice(1)
    t.equal(turns.length, 9)
    let said = ''
    for (const turn of turns) {
      const [who, text] = [turn.slice(0, 5).trim(), turn.slice(7)]
      const [line = '', ...body] = text.split('\n')
      if (who === 'host') said += `${line}\n${body.join('\n').trimEnd()}`
      else {
        t.equal(await agent.garbage(said), line)
        said = ''
      }
    }
  })

  t.test('drops a request that is cut off by the end of the connection', async (t) => {
    const begun = join(agent.folder, 'begun')
    agent.send(`run 500000 100\n: >${begun}\n`)
    const files = () => readdirSync(agent.folder).filter((name) => name.startsWith('500000.'))
    await until(() => files().length > 0)
    await agent.hangUp()
    await until(() => files().length === 0)
    t.notOk(existsSync(begun))
  })
})

/** Waits for what must come, however slow the machine; throws when it has not come in 20 s, or never can. */
async function until(come: () => boolean | Promise<boolean>): Promise<void> {
  const started_ms = performance.now()
  let failure: unknown
  while (performance.now() - started_ms < 20_000) {
    try {
      if (await come()) return
      failure = undefined
    } catch (error) {
      failure = error
    }
    await sleep(20)
  }
  throw new Error(`Waited in vain for: ${come}`, { cause: failure })
}

/** Whether a process of this host has exactly this command line. */
function running(command: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() === command
    } catch {
      return false
    }
  })
}

interface Reply {
  readonly id: number
  readonly line: string
  readonly status: number
  /** Bytes as latin1. */
  readonly out: string
  readonly err: string
}

type Verb = 'run' | 'read' | 'hello' | 'console' | 'reboot'

async function startAgent(folder: string) {
  const child: ChildProcess = spawn('busybox', ['sh', agentPath, join(folder, 'run')], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  })
  const port = child.stdio[3]
  if (!(port instanceof Duplex)) throw new Error('The agent has no port.')
  const waiting = new Map<number, (reply: Reply) => void>()
  const lines: ((line: string) => void)[] = []
  let received = Buffer.alloc(0)
  let last = 1000
  port.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    for (let end = received.indexOf(10); end !== -1; end = received.indexOf(10)) {
      const line = received.toString('latin1', 0, end)
      const [verb, id, status, out, err] = line.split(' ')
      const [outBytes, errBytes] = verb === 'done' ? [Number(out), Number(err)] : [0, 0]
      const middle = end + 1 + outBytes
      if (received.length < middle + errBytes) return
      const reply = {
        id: Number(id),
        line,
        status: Number(status),
        out: received.toString('latin1', end + 1, middle),
        err: received.toString('latin1', middle, middle + errBytes),
      }
      received = received.subarray(middle + errBytes)
      const waiter = waiting.get(reply.id)
      waiting.delete(reply.id)
      if (waiter) waiter(reply)
      else lines.shift()?.(line)
    }
  })
  const nextLine = () => new Promise<string>((resolve) => lines.push(resolve))
  const greeting = await nextLine()

  return {
    greeting,
    folder: join(folder, 'run'),
    send: (text: string) => port.write(text, 'latin1'),
    garbage(text: string) {
      port.write(text, 'latin1')
      return nextLine()
    },
    request(verb: Verb, script?: string): Promise<Reply> & { readonly id: number } {
      last += 1
      const id = last
      const reply = new Promise<Reply>((resolve) => waiting.set(id, resolve))
      const size = script === undefined ? '' : ` ${Buffer.byteLength(script)}`
      port.write(`${verb} ${id}${size}\n${script ?? ''}`)
      return Object.assign(reply, { id })
    },
    hangUp: () => new Promise<void>((resolve) => port.end(resolve)),
    zombies: () =>
      readdirSync('/proc').filter((pid) => {
        try {
          const [, state, parent] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
          return state === 'Z' && Number(parent) === child.pid
        } catch {
          return false
        }
      }).length,
    stop() {
      port.destroy()
      // The agent never ends by itself; its group is the agent's two shells.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    },
  }
}

function missing(program: string): string | false {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`])
    return false
  } catch {
    return `${program} is not installed`
  }
}
