import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { followLogs } from '../../cli/start/follow-logs.ts'
import { boundLog, lastError, lastLines, openLog, warnings } from '../../cli/start/log-file.ts'
import { eventually } from '../harness/eventually.ts'

t.test('a new start keeps the log of the one before, a restart goes on in it', async (t) => {
  const path = join(t.testdir({}), 'orders.log')
  const write = (fresh: boolean, text: string) => {
    const file = openLog(path, fresh)
    writeSync(file, text)
    closeSync(file)
  }
  write(true, 'first\n')
  write(false, 'restarted\n')
  t.notOk(existsSync(`${path}.1`))
  write(true, 'second\n')
  t.equal(readFileSync(path, 'utf8'), 'second\n')
  t.equal(readFileSync(`${path}.1`, 'utf8'), 'first\nrestarted\n')
  t.equal(statSync(path).mode & 0o777, 0o600)
})

t.test('a log that grew too large is moved aside under the hands of its writer', async (t) => {
  const path = join(t.testdir({}), 'orders.log')
  const writer = openLog(path, true)
  writeSync(writer, Buffer.alloc(32 * 1024 * 1024 + 1, 'x'))
  boundLog(path)
  writeSync(writer, 'goes on\n')
  closeSync(writer)
  t.equal(readFileSync(path, 'utf8'), 'goes on\n')
  t.equal(statSync(`${path}.1`).size, 32 * 1024 * 1024 + 1)
  boundLog(path)
  t.equal(readFileSync(path, 'utf8'), 'goes on\n', 'a small one is left alone')
})

t.test('a log that cannot be cut grows, and nothing ends for it', async (t) => {
  const path = join(t.testdir({}), 'orders.log')
  copyFileSync('/bin/sleep', path)
  truncateSync(path, 32 * 1024 * 1024 + 1)
  chmodSync(path, 0o700)
  // A program that runs is not written to, by root either.
  const program = spawn(path, ['60'])
  t.teardown(() => program.kill())
  await once(program, 'spawn')
  boundLog(path)
  t.equal(statSync(path).size, 32 * 1024 * 1024 + 1)
  t.notOk(existsSync(`${path}.1`), 'and it is not copied every few seconds')
})

t.test('a log that cannot be looked at ends nothing either', async (t) => {
  // As root every mode can be read; neither a folder nor a loop can.
  const dir = t.testdir({ 'orders.log': {}, 'users.log': t.fixture('symlink', 'users.log') })
  const lines: string[] = []
  const out = (text: string) => void lines.push(text)
  const terminal = { out, err: out, isTTY: false, input: Readable.from([]) }
  for (const name of ['orders', 'users']) {
    const path = join(dir, `${name}.log`)
    t.doesNotThrow(() => boundLog(path), name)
    t.equal(lastError(path, 0), undefined)
    t.same(lastLines(path, 3), [])
    t.same(warnings(path), [])
    t.doesNotThrow(() => followLogs({ logFile: () => path }, terminal)(), name)
  }
  t.same(lines, [])
})

t.test('who follows a log misses nothing when it is cut, and reads letters whole', async (t) => {
  const dir = t.testdir({})
  const path = join(dir, 'orders.log')
  const lines: string[] = []
  const out = (text: string) => void lines.push(text)
  const terminal = { out, err: out, isTTY: false, input: Readable.from([]) }
  const stop = followLogs({ logFile: (part) => join(dir, `${part}.log`) }, terminal)
  t.teardown(stop)
  const writer = openLog(path, true)
  t.teardown(() => closeSync(writer))
  const [head, tail] = [Buffer.from('zwö').subarray(0, 3), Buffer.from('zwö').subarray(3)]
  writeSync(writer, Buffer.concat([Buffer.from('one\n'), head]))
  t.ok(await eventually(() => lines.length === 1))
  // All in one go: before the next look.
  writeSync(writer, Buffer.concat([tail, Buffer.from('lf\n')]))
  copyFileSync(path, `${path}.1`)
  truncateSync(path)
  writeSync(writer, 'three\n')
  t.ok(await eventually(() => lines.length === 3))
  t.same(lines, ['orders    | one', 'orders    | zwölf', 'orders    | three'])
})

t.test('a restart makes the folder again that somebody removed', (t) => {
  const path = join(t.testdir({}), 'logs', 'orders.log')
  closeSync(openLog(path, false))
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(statSync(dirname(path)).mode & 0o777, 0o700)
  t.end()
})

t.test('where there is no room for a copy, a log that grew too large is cut all the same', async (t) => {
  const path = join(t.testdir({ 'orders.log.1': {} }), 'orders.log')
  const writer = openLog(path, false)
  writeSync(writer, Buffer.alloc(32 * 1024 * 1024 + 1, 'x'))
  boundLog(path)
  writeSync(writer, 'goes on\n')
  closeSync(writer)
  t.equal(readFileSync(path, 'utf8'), 'goes on\n')
})

t.test('why a part died: its last error, not its last line', async (t) => {
  const path = join(t.testdir({}), 'orders.log')
  writeFileSync(path, '{"level":"error","msg":"of an earlier life"}\n')
  const from = statSync(path).size
  appendFileSync(path, '{"level":"info","msg":"request"}\n')
  t.equal(lastError(path, from), undefined, 'nothing was wrong this time')
  appendFileSync(path, '{"level":"fatal","msg":"the disk is full"}\n{"level":"info","msg":"request"}\n')
  t.equal(lastError(path, from), 'the disk is full')
  appendFileSync(path, 'TypeError: x is not a function\n    at y (z.ts:1:2)\n\nNode.js v24\n')
  t.equal(lastError(path, from), 'TypeError: x is not a function')
  t.same(lastLines(path, 2), ['    at y (z.ts:1:2)', 'Node.js v24'])
  t.equal(lastError(`${path}.none`, 0), undefined)
})

t.test('what was warned of is found among all that was said', (t) => {
  const path = join(t.testdir({}), 'idp.log')
  t.same(warnings(path), [], 'no log')
  const lines = ['info', 'warn', 'error', 'warn'].map((level, n) => JSON.stringify({ level, msg: `m${n}` }))
  writeFileSync(path, ['{"half', ...lines, '(node:1) Warning: something', ''].join('\n'))
  t.same(warnings(path), ['m1', 'm3'])
  t.end()
})
