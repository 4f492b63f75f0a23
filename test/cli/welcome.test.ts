import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { reporter } from '../../cli/start/console.ts'

const urls = { public: 'http://localhost:3000', admin: 'http://127.0.0.1:3090' }
const run = { gateway: urls, idp: { issuer: 'http://localhost:3001' }, services: {}, pids: {} }

/** What a start prints, on a terminal unless said otherwise. */
function welcome(dir: string, o: { readonly isTTY?: boolean; readonly first_start?: boolean } = {}): string {
  const lines: string[] = []
  const out = (text: string) => void lines.push(text)
  const { isTTY = true, first_start = true } = o
  reporter(
    { out, err: out, isTTY, input: Readable.from([]) },
    false,
  )({
    event: 'ready',
    elapsed_ms: 1000,
    first_start,
    credentials: join(dir, 'credentials.json'),
    logs: dir,
    warnings: [],
    run,
  })
  return lines.join('\n')
}

const credentials = {
  users: [{ username: 'alice', password: 'open sesame', roles: ['customer'] }],
  clients: [{ client_id: 'demo-machine', client_secret: 'x' }],
}

t.test('passwords are for the eyes of whoever started it for the first time', (t) => {
  const dir = t.testdir({ 'credentials.json': JSON.stringify(credentials) })
  t.match(welcome(dir), /sign in as alice +open sesame +\(customer\)/)
  for (const o of [{ isTTY: false }, { first_start: false }]) {
    t.match(welcome(dir, o), /sign in as alice \(customer\)\n/)
    t.notMatch(welcome(dir, o), 'open sesame')
  }
  t.match(welcome(dir), /machines +demo-machine \(secrets in the same file\)/)
  t.end()
})

t.test('a house without demo accounts has nobody to name, and no file of passwords', (t) => {
  for (const content of [undefined, '{', '{"users":[],"clients":[]}']) {
    const dir = t.testdir(content === undefined ? {} : { 'credentials.json': content })
    for (const o of [{}, { isTTY: false }]) {
      const text = welcome(dir, o)
      t.match(text, /open +http:\/\/localhost:3000\n +issuer +http:\/\/localhost:3001\n/)
      t.notMatch(text, /^ +(sign in as|passwords|machines) /m)
    }
  }
  t.end()
})
