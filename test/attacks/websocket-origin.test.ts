import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { sendRaw, statuses } from '../gateway/client.ts'

const config = `
routes:
  - id: live
    match: { path: /api/live, methods: [GET] }
    authn: [session, bearer]
    authz: { scopes: [orders:read] }
    token: { scopes: [orders:read] }
    upstream: orders
    websocket: true
    origins: ['https://app.example.com']
`

t.test('a page of another origin opens no WebSocket with the session of its visitor', async (t) => {
  const house = await startPlatform({ t, config })
  const session = await house.signIn('alice')
  const origin = house.config.gateway.origin
  const { host, port } = new URL(origin)
  const open = async (...more: string[]) => {
    const lines = [
      'GET /api/live HTTP/1.1',
      `host: ${host}`,
      `cookie: ${session.cookies.header(new URL(origin))}`,
      'connection: Upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
      ...more,
    ]
    return statuses(await sendRaw(Number(port), `${lines.join('\r\n')}\r\n\r\n`))
  }
  const foreign = {
    none: [],
    another: ['origin: https://evil.example'],
    'a part of ours': [`origin: ${origin}.evil.example`],
    null: ['origin: null'],
    'as a navigation': ['origin: https://evil.example', 'sec-fetch-mode: navigate'],
  }
  for (const [what, lines] of Object.entries(foreign)) t.same(await open(...lines), [403], what)
  // The service knows no such path, which is how far these get.
  t.same(await open(`origin: ${origin}`, 'sec-fetch-site: same-origin'), [404], 'our own page')
  t.same(
    await open('origin: https://app.example.com', 'sec-fetch-site: cross-site'),
    [404],
    'one that is listed',
  )
})
