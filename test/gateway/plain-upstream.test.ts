import { createServer, type IncomingMessage } from 'node:http'
import { networkInterfaces } from 'node:os'
import t, { type Test } from 'tap'
import { upstreamPool } from '../../gateway/upstream/pool.ts'
import { jwtParts } from '../harness/index.ts'
import { startRig } from './rig.ts'

async function service(
  t: Test,
  host = '127.0.0.1',
): Promise<{ readonly port: number; readonly seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    response.setHeader('content-type', 'application/json').end('{"ok":true}')
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on a port')
  return { port: address.port, seen }
}

t.test('a plain service on this machine gets requests with a token of its own', async (t) => {
  const { port, seen } = await service(t)
  const rig = await startRig(t, {
    config: `
routes:
  - id: legacy
    match: { path: /legacy/:id, methods: [GET] }
    authn: [bearer]
    authz: { scopes: [orders:read] }
    token: { scopes: [orders:read] }
    upstream: legacy
upstreams:
  legacy: { targets: ['http://localhost:${port}'], plain: true }
`,
  })
  const answer = await rig.call({ path: '/legacy/7?x=1', headers: { 'x-user': 'root' } })
  t.match(answer, { status: 200, json: { ok: true } })
  t.equal(seen.length, 1)
  t.match(seen[0], { url: '/legacy/7?x=1', headers: { 'x-forwarded-host': rig.host, 'x-user': undefined } })
  const { payload } = jwtParts(String(seen[0]?.headers.authorization).slice('Bearer '.length))
  t.match(payload, {
    aud: 'legacy',
    sub: 'acc-alice',
    scope: 'orders:read',
    req_wl: 'spiffe://gatehouse.local/gateway',
  })
  t.equal((await rig.call({ path: '/legacy/7', token: null })).status, 401)
  t.equal(seen.length, 1)
  t.match(
    rig.log.lines.find(({ msg }) => String(msg).startsWith('plain upstream')),
    { level: 'warn', upstream: 'legacy' },
    'it is warned of at start',
  )
})

const elsewhere = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address

const skip = elsewhere === undefined && 'this machine has no address but loopback'

t.test('where the name of this machine leads elsewhere, nothing is sent', { skip }, async (t) => {
  const { port, seen } = await service(t, '0.0.0.0')
  const at = (address: string | undefined) => {
    const material = (): never => {
      throw new Error('no certificate is needed')
    }
    const origin = `http://localhost:${port}`
    const pool = upstreamPool({
      material,
      expected: undefined,
      origin,
      address,
      connections: 1,
      connectMs: 1000,
    })
    t.teardown(() => pool.destroy())
    return pool.current.request({ method: 'GET', path: '/' })
  }
  await t.rejects(at(elsewhere), { message: /is not on this machine/ })
  t.equal(seen.length, 0)
  t.equal((await at('127.0.0.1')).statusCode, 200)
})
