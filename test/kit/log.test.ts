import t from 'tap'
import { createLogger, type Logger } from '@gatehouse/kit/log'

function capture(): { readonly log: Logger; readonly text: () => string; readonly last: () => unknown } {
  const lines: string[] = []
  const log = createLogger({ name: 'test', destination: { write: (line) => void lines.push(line) } })
  return { log, text: () => lines.join(''), last: () => JSON.parse(lines.at(-1) ?? '') }
}

t.test('one JSON object a line, with name, level and time', async (t) => {
  const { log, last } = capture()
  log.warn({ txn: 'txn_1' }, 'hello')
  t.match(last(), { name: 'test', level: 'warn', msg: 'hello', txn: 'txn_1', time: /^\d{4}-\d\d-\d\dT/ })
})

t.test('values of secret-looking keys are masked at any depth', async (t) => {
  const { log, text } = capture()
  const keys = [
    'authorization',
    'Authorization',
    'proxy-authorization',
    'cookie',
    'set-cookie',
    'password',
    'client_secret',
    'clientSecret',
    'access_token',
    'refresh_token',
    'id_token',
    'accessToken',
    'token',
    'client_assertion',
    'code_verifier',
    'masterKey',
  ]
  for (const key of keys) {
    log.info({ [key]: 'canary' })
    log.info({ a: { b: [{ [key]: 'canary' }, { [key]: ['canary'] }] } })
    log.child({ [key]: 'canary' }).info('child')
  }
  t.notMatch(text(), /canary/)
  t.match(text(), /\[redacted\]/)
})

t.test('what is not secret stays, and the caller keeps its object', async (t) => {
  const { log, last } = capture()
  const record = { code: 'not_found', token_type: 'Bearer', token: 'x', n: 1 }
  log.info(record)
  t.match(last(), { code: 'not_found', token_type: 'Bearer', token: '[redacted]', n: 1 })
  t.equal(record.token, 'x')
})

t.test('of an error only type, message, code, stack and causes are written', async (t) => {
  const { log, last, text } = capture()
  const cause = Object.assign(new Error('inner'), { code: 'ECONNRESET', config: { headers: 'canary' } })
  log.error({ err: Object.assign(new TypeError('outer', { cause }), { request: 'canary' }) }, 'failed')
  t.match(last(), {
    msg: 'failed',
    err: {
      type: 'TypeError',
      message: 'outer',
      stack: /log\.test\.ts/,
      cause: { message: 'inner', code: 'ECONNRESET' },
    },
  })
  t.notMatch(text(), /canary/)
})

t.test('a record that holds itself, and an error that causes itself, end', async (t) => {
  const { log, text } = capture()
  const record: Record<string, unknown> = {}
  record['self'] = record
  const error = new Error('loop')
  error.cause = error
  log.info(record, 'circular')
  log.error({ err: error }, 'loop')
  t.match(text(), /circular.*\n.*loop/)
})
