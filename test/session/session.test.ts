import t from 'tap'
import { ProtocolError } from '../../harness/base/errors.ts'
import { messageText, parseFiles } from '../../harness/observe/observation.ts'
import { type Reply, ReplyReader } from '../../harness/session/reply-reader.ts'

const STREAM = Buffer.concat([
  Buffer.from('ready 1 0123456789abcdef\n'),
  Buffer.from('done 1 0 6 0\nhello\n'),
  Buffer.from('done 2 137 0 3\n\0\n\xff', 'latin1'),
  Buffer.from('error 3 unknown verb\n'),
  Buffer.from('hello 4 1 0123456789abcdef\n'),
  Buffer.from('done 5 0 0 0\n'),
])

function described(replies: readonly Reply[]): string[] {
  return replies.map((reply) =>
    reply.kind === 'done'
      ? `done ${reply.id} ${reply.status} ${reply.stdout.toString('hex')} ${reply.stderr.toString('hex')}`
      : reply.kind === 'error'
        ? `error ${reply.id} ${reply.words}`
        : `${reply.kind} ${reply.nonce}`,
  )
}

const WANTED = [
  'ready 0123456789abcdef',
  'done 1 0 68656c6c6f0a ',
  'done 2 137  000aff',
  'error 3 unknown verb',
  'hello 0123456789abcdef',
  'done 5 0  ',
]

t.test('replies are cut out of the stream, however it is chopped', async (t) => {
  t.same(described(new ReplyReader().push(STREAM)), WANTED)
  for (const size of [1, 2, 3, 7, 16]) {
    const reader = new ReplyReader()
    const replies: Reply[] = []
    for (let at = 0; at < STREAM.length; at += size) replies.push(...reader.push(STREAM.subarray(at, at + size)))
    t.same(described(replies), WANTED, `in pieces of ${size}`)
  }
})

t.test('a large body arrives whole', async (t) => {
  const body = Buffer.alloc(1024 * 1024 + 1, 7)
  const reader = new ReplyReader()
  const replies = [...reader.push(Buffer.from(`done 1 0 ${body.length} 0\n`))]
  for (let at = 0; at < body.length; at += 4096) replies.push(...reader.push(body.subarray(at, at + 4096)))
  const [reply] = replies
  t.ok(reply?.kind === 'done' && reply.stdout.equals(body))
})

t.test('garbage is a protocol error, at once', async (t) => {
  for (const text of [
    'hello world\n',
    'done 1 0 5\n',
    'done 1 999 0 0\n',
    'done x 0 0 0\n',
    'done 1 0 999999999999 0\n',
    '\n',
  ])
    t.throws(() => new ReplyReader().push(Buffer.from(text)), ProtocolError, JSON.stringify(text))
  t.throws(() => new ReplyReader().push(Buffer.alloc(600, 65)), ProtocolError, 'an endless header')
})

t.test('observations', async (t) => {
  const online = '/sys/devices/system/node/online:0-1\n'
  t.same(
    parseFiles(
      `${online}/a:b:c\n/two:1\n/two:2\n/sys/bus/dax/devices/dax0.0/uevent:MAJOR=253\n/sys/bus/dax/devices/dax0.0/uevent:DRIVER=kmem\n/sys/bus/dax/devices/dax1.0/uevent:MAJOR=253\ngrep: noise\n`,
    ),
    {
      '/sys/devices/system/node/online': '0-1',
      '/a': 'b:c',
      '/two': '1\n2',
      '/sys/bus/dax/devices/dax0.0/driver': 'kmem',
    },
  )
  t.throws(() => parseFiles(''), ProtocolError)
  t.equal(messageText('[    1.234567] text'), 'text')
  t.equal(messageText('[    1.234567][    T1] text'), 'text')
  t.equal(messageText('no stamp'), 'no stamp')
})
