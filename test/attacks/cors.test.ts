import t from 'tap'
import type { Answer } from '../gateway/client.ts'
import { startRig } from '../gateway/rig.ts'

const config = `
routes:
  - id: users.me
    cors: { origins: [https://app.example.com], credentials: true, headers: [x-tag], expose: [etag] }
`

const wrongOrigins = [
  'null',
  'https://app.example.com.evil.example',
  'https://evil-app.example.com',
  'https://sub.app.example.com',
  'http://app.example.com',
  'https://app.example.com:8443',
  'https://APP.example.com',
  'https://app.example.com/',
  'https://app.example.com, https://evil.example',
  '*',
]

function granted({ headers }: Answer): readonly string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'))
}

t.test('an origin that is not written down exactly is told nothing', async (t) => {
  const rig = await startRig(t, { config })
  for (const origin of wrongOrigins) {
    const answer = await rig.call({ path: '/api/users/me', headers: { origin } })
    t.same(granted(answer), [], origin)
    t.match(answer.headers.vary, /origin/, 'and no cache gives it to another')
    const before = rig.reached()
    const headers = { origin, 'access-control-request-method': 'GET' }
    const preflight = await rig.call({ method: 'OPTIONS', path: '/api/users/me', headers, token: null })
    t.same([preflight.status, granted(preflight)], [403, []], origin)
    t.equal(rig.reached(), before, 'no service heard of the preflight')
  }
})

t.test('nobody gets a wildcard, and a service cannot grant what the route does not', async (t) => {
  const rig = await startRig(t, { config })
  const allow = { 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true' }
  rig.services.users.answer = (_request, response) => void response.writeHead(200, allow).end('{}')
  rig.services.orders.answer = (_request, response) => void response.writeHead(200, allow).end('{}')
  const headers = { origin: 'https://evil.example' }
  for (const path of ['/api/users/me', '/api/orders']) t.same(granted(await rig.call({ path, headers })), [])
})

t.test('a preflight for another header or path, or without CORS at the route, is refused', async (t) => {
  const rig = await startRig(t, { config })
  const origin = 'https://app.example.com'
  const ask = (path: string, headers: Record<string, string>) =>
    rig.call({ method: 'OPTIONS', path, headers: { origin, ...headers }, token: null })
  const method = { 'access-control-request-method': 'GET' }
  const header = await ask('/api/users/me', { ...method, 'access-control-request-headers': 'x-tag, x-other' })
  t.same([header.status, granted(header)], [403, []])
  const unknown = await ask('/api/nothing', method)
  t.same([unknown.status, granted(unknown)], [404, []])
  const closed = await ask('/api/orders', method)
  t.same([closed.status, granted(closed)], [405, []])
  t.equal(rig.reached(), 0)
})
