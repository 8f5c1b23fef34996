import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { extract } from 'tar-stream'
import { z } from 'zod'
import { shellLine, shellWords } from '../../harness/base/shell-words.ts'
import { machineWords } from '../../harness/cli/machine-words.ts'
import { writeBundle } from '../../harness/repro/bundle.ts'
import { decoded } from '../../harness/repro/decode.ts'
import { MAIL_LINES, mail } from '../../harness/repro/mail.ts'
import { replayOf, withVariables } from '../../harness/repro/replay.ts'
import { initScript, patternOf, runScript } from '../../harness/repro/run-script.ts'
import { stepsScript } from '../../harness/repro/steps-script.ts'
import { RunFolder } from '../../harness/run/run-folder.ts'

const RECORDED = resolve(import.meta.dirname, '../recorded')
const replay = async (name: string) => replayOf(await new RunFolder(join(RECORDED, name)).read(), name)
const FAILED = ['must-fail', 'must-splat', 'must-crash', 'must-hang']

t.test('words of a command line', async (t) => {
  const words = fc.array(fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom("it's", '$x', 'a b', '\\', '"')))
  fc.assert(
    fc.property(words, (list) => t.same(shellWords(shellLine(list)), list)),
    { numRuns: 200 },
  )
})

t.test('scripts are ones that a shell reads, whatever a title says', async (t) => {
  for (const name of FAILED) {
    const one = await replay(name)
    for (const script of [stepsScript(one), runScript(one), initScript(['dax_hmem'])])
      execFileSync('sh', ['-n'], { input: script })
  }
  const one = await replay('must-fail')
  const step = one.steps[0]
  if (step === undefined) throw new Error('no step')
  const title = "two\nlines; don't $(reboot) `x`"
  const hostile = { ...one, steps: [{ ...step, chapter: { ...step.chapter, title } }] }
  const said = execFileSync('sh', [], {
    input: `${stepsScript(hostile).replaceAll('>/dev/kmsg', '')}`,
    encoding: 'utf8',
  })
  t.match(said, "repro: step 1: two lines; don't $(reboot) `x`\n")
})

t.test('steps.sh: what is expected and recorded beside each step, and a look at what differed', async (t) => {
  const script = stepsScript(await replay('must-fail'))
  t.match(
    script,
    '# 1. sh: echo true > /sys/kernel/mm/numa/demotion_enabled\n#    expected: exit status 0\n#    recorded: exit status 0',
  )
  t.match(script, '(\necho true > /sys/kernel/mm/numa/demotion_enabled\n)\nended\n')
  t.match(script, '# expected: false\n# recorded: true\ncheck "/sys/kernel/mm/numa/demotion_enabled" true\n')
  t.match(stepsScript(await replay('must-crash')), '#    recorded: the guest was lost')
})

t.test('regions are looked up by address', async (t) => {
  const regions = new Map([['r0', 0x1_4000_0000]])
  t.equal(withVariables('/sys/bus/dax/devices/dax0.0/size', regions), '/sys/bus/dax/devices/dax$r0.0/size')
  t.equal(withVariables('region0', regions), 'region$r0')
  t.equal(withVariables('dax1.0 region10', regions), 'dax1.0 region10', 'of others nothing is known')
})

t.test('what the kernel said is known again with other numbers', async (t) => {
  const line = 'WARNING: CPU: 1 PID: 77 at mm/memory-tiers.c:859 clear_node_memory_tier+0x1f/0x60 [kmem] $x*'
  const matches = (text: string) => {
    try {
      execFileSync('grep', ['-q', patternOf(line)], { input: text })
      return true
    } catch {
      return false
    }
  }
  t.ok(matches(`[    1.5] ${line}`))
  t.ok(matches(line.replace('PID: 77', 'PID: 1234').replace('0x1f', '0x2e')))
  t.notOk(matches(line.replace('clear_node', 'other')))
  t.notOk(matches(line.replace('[kmem]', 'k')), 'brackets are no class')
})

t.test('there is nothing to reproduce of a pass', async (t) => {
  await t.rejects(replay('pass-6.1'), { message: /pass-6\.1 has passed/ })
})

t.test('a bundle: equal bytes, and the files in it', async (t) => {
  const folder = t.testdir({ vmlinux: 'kernel', image: 'x'.repeat(512) })
  const files = { kernel: join(folder, 'vmlinux'), initramfs: join(folder, 'image') }
  const one = await replay('must-fail')
  const machine = machineWords(one.record.head.scenario.machine)
  for (const name of ['a.tar', 'b.tar']) await writeBundle(one, files, machine, 'bundle', join(folder, name))
  const bytes = readFileSync(join(folder, 'a.tar'))
  t.ok(bytes.equals(readFileSync(join(folder, 'b.tar'))))
  const members = new Map<string, { mode: number; text: string; mtime: number }>()
  const reader = extract()
  reader.end(bytes)
  for await (const entry of reader) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(z.instanceof(Buffer).parse(chunk))
    const { name, mode = 0, mtime = new Date() } = entry.header
    members.set(name, { mode, text: Buffer.concat(chunks).toString('latin1'), mtime: mtime.getTime() })
  }
  const names = ['README', 'initramfs.cpio', 'kernel', 'run.sh', 'steps.sh'].map((name) => `bundle/${name}`)
  t.same([...members.keys()], names)
  t.ok([...members.values()].every(({ mtime }) => mtime === 0))
  t.equal(members.get('bundle/kernel')?.text, 'kernel')
  t.equal(members.get('bundle/run.sh')?.mode, 0o755)
  t.match(members.get('bundle/initramfs.cpio')?.text, /^x{512}070701.*repro\/init\0/s)
  t.match(members.get('bundle/README')?.text, 'expected  false\n    recorded  true')
  await t.rejects(writeBundle(one, files, machine, 'bundle', '/nowhere/x.tar'), { message: /x\.tar cannot be written/ })
  await t.rejects(writeBundle(one, { ...files, kernel: '/nowhere' }, machine, 'b', join(folder, 'c.tar')), {
    message: /c\.tar cannot be written.*nowhere/,
  })
  t.throws(() => readFileSync(join(folder, 'c.tar')), 'nothing is left of it')
})

t.test('mail: all that a maintainer needs in under 60 lines', async (t) => {
  for (const name of FAILED) {
    const one = await replay(name)
    const machine = machineWords(one.record.head.scenario.machine)
    const long = [...one.verdict.excerpt, ...Array.from({ length: 200 }, (_, line) => ` function${line}+0x1/0x2`)]
    const text = mail(one, machine, long, 'not decoded')
    t.ok(text.trimEnd().split('\n').length < MAIL_LINES, `${name}: ${text.split('\n').length}`)
    for (const words of [
      /^Subject: \[BUG\] /,
      /^Kernel: {2}6\.1\.0-56/m,
      /qemu-system-x86_64 -accel tcg/,
      /^ {2}1\. {2}\S/m,
    ])
      t.match(text, words)
    t.notMatch(text, /\/cache\/|RAX:/, 'neither this host’s paths nor registers')
  }
  const { record, verdict } = await replay('must-fail')
  const text = mail(await replay('must-fail'), machineWords(record.head.scenario.machine), verdict.excerpt, '')
  t.match(text, 'Subject: [BUG] kernel/mm/numa/demotion_enabled is “true”, not “false”')
  t.match(text, '  /sys/kernel/mm/numa/demotion_enabled\n    expected false, observed true\n')
  t.notMatch(text, 'Kernel log')
})

t.test('a stack is decoded where the vmlinux tells it, and stays as it is elsewhere', async (t) => {
  const script = (text: string) => `#!/bin/sh\n${text}\n`
  const folder = t.testdir({
    nm: script('echo ffffffff81000100 T panic; echo ffffffff81000200 t quiet'),
    // Of what is asked, only the call before panic+0x118 and panic+0x10 itself have lines.
    addr2line: script(`shift 2; for a; do case $a in
      0xffffffff81000217) echo '/build/linux/kernel/panic.c:283 (discriminator 4)' ;;
      0xffffffff81000110) echo 'mm/memory-tiers.c:12' ;;
      *) echo '??:?' ;; esac; done`),
  })
  for (const name of ['nm', 'addr2line']) chmodSync(join(folder, name), 0o755)
  const path = process.env.PATH
  process.env.PATH = `${folder}:/usr/bin:/bin`
  t.teardown(() => {
    process.env.PATH = path
  })
  writeFileSync(join(folder, 'vmlinux'), '')
  t.same(
    await decoded(
      [' panic+0x118/0x2f4', ' ? quiet+0x1/0x2', 'RIP: 0010:panic+0x10/0x2f4', 'no place', ' other+0x1/0x2 [kmem]'],
      join(folder, 'vmlinux'),
    ),
    [
      ' panic+0x118/0x2f4 (kernel/panic.c:283)',
      ' ? quiet+0x1/0x2',
      'RIP: 0010:panic+0x10/0x2f4 (mm/memory-tiers.c:12)',
      'no place',
      ' other+0x1/0x2 [kmem]',
    ],
  )
  process.env.PATH = '/nowhere'
  await t.rejects(decoded([' panic+0x118/0x2f4'], '/x/vmlinux'), { message: /\/x\/vmlinux cannot be read by nm/ })
})
