import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import t from 'tap'
import { createLogger } from '@gatehouse/kit/log'
import { AccessLog, type AccessEntry } from '../../gateway/log/access-log.ts'

const entry: AccessEntry = { txn: 'txn_1', method: 'GET', path: '/', status: 200, ms: 1, bytes: 2 }

t.test('every line is whole in the file, whatever its length and characters', (t) => {
  const file = join(t.testdir(), 'log')
  const log = createLogger({ name: 'x', destination: pino.destination({ dest: file, sync: true }) })
  const access = new AccessLog(log, 'gateway')
  const subs = ['é'.repeat(9_000), '日本', '"\\', 'x'.repeat(100_000), 'ü'.repeat(70_000)]
  for (let n = 0; n < 200; n++) access.write({ ...entry, txn: `txn_${n}`, sub: subs[n % subs.length] })
  log.info('between')
  access.flush()
  access.flush()
  const lines: unknown[] = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.equal(lines.length, 201)
  const requests = lines.filter((line) => JSON.stringify(line).includes('"msg":"request"'))
  t.match(
    requests,
    Array.from({ length: 200 }, (_, n) => ({ txn: `txn_${n}`, sub: subs[n % subs.length] })),
  )
  t.end()
})
