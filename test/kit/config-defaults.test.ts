import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '@gatehouse/kit/config/load'
import { dir, load, validRoute, withRoute } from './config-load.ts'

/** design.md, section 7, as it is written there. */
const designExample = `trustDomain: gatehouse.local
issuer: http://localhost:3001
routes:
  - id: orders.create
    match: { path: /api/orders, methods: [POST] }
    authn: [session, bearer]            # or: none, written out
    authz: { scopes: [orders:write] }   # and/or roles, acr, maxAge
    token: { scopes: [orders:write, users:read, inventory:reserve] }
    limits: { rate: 60/min, body: 64KiB, timeout: 5s }
    upstream: orders
upstreams:
  orders: { targets: [https://localhost:4002], identity: orders, balance: least-requests }
edges:
  - { from: orders, to: inventory, scopes: [inventory:reserve] }
  - { from: orders, to: users, scopes: [users:read] }
`

t.test('the example of the design loads, with units as numbers', async (t) => {
  const config = load(designExample)
  t.strictSame(config.routes, [
    {
      id: 'orders.create',
      match: { path: '/api/orders', methods: ['POST'] },
      authn: ['session', 'bearer'],
      authz: { scopes: ['orders:write'], roles: [], acr: [], maxAgeMs: undefined, external: undefined },
      token: { scopes: ['orders:write', 'users:read', 'inventory:reserve'], reuseMs: 5_000 },
      limits: {
        rate: { count: 60, windowMs: 60_000 },
        policies: [],
        inflatedBytes: 16 * 1024 * 1024,
        headerBytes: undefined,
        urlBytes: undefined,
        bodyBytes: 65_536,
        timeoutMs: 5000,
        firstByteMs: undefined,
        idleMs: undefined,
      },
      priority: 'normal',
      stream: false,
      websocket: false,
      origins: [],
      cors: undefined,
      contract: undefined,
      upstream: 'orders',
      whenStale: 'refuse',
      headers: { request: [], response: [] },
    },
  ])
  t.strictSame(config.upstreams['orders']?.balance, 'least-requests')
})

t.test('an edge to a service that came with Gatehouse needs no upstream written for it', async (t) => {
  const config = load(designExample)
  t.match(config.upstreams['inventory']?.targets, [{ url: 'https://localhost:4003' }])
  t.equal(config.upstreams['users']?.identity, 'users')
})

t.test('what is left out is derived from the port base and the data folder', async (t) => {
  const config = load(withRoute(...validRoute))
  t.equal(config.issuer, 'http://localhost:3001')
  t.equal(config.gateway.origin, 'http://localhost:3000')
  t.strictSame(config.gateway.listen, { host: 'localhost', port: 3000 })
  t.strictSame(config.gateway.internal, { host: 'localhost', port: 3443, origin: 'https://localhost:3443' })
  t.strictSame(config.gateway.admin, { host: '127.0.0.1', port: 3090 })
  t.strictSame(config.idp.admin, { host: '127.0.0.1', port: 3091 })
  t.strictSame(config.services.inventory.listen, { host: 'localhost', port: 4003 })
  t.equal(config.idp.store, `sqlite:${join(dir, 'data', 'idp.sqlite')}`)
  t.equal(config.gateway.internalIssuer, 'urn:gatehouse:gatehouse.local:internal')
  t.equal(config.gateway.internalTokenMs, 60_000)
  t.equal(config.idp.demo, true)
})

t.test('a host is accepted under each name that this machine has for itself', async (t) => {
  t.strictSame(load(withRoute(...validRoute)).gateway.hosts, [
    'localhost:3000',
    '127.0.0.1:3000',
    '[::1]:3000',
  ])
  const named = load(`gateway: { origin: 'https://api.example.com:443' }\n${withRoute(...validRoute)}`)
  t.strictSame(named.gateway.hosts, ['api.example.com'])
  t.equal(named.gateway.origin, 'https://api.example.com')
})

t.test('the configuration that comes with Gatehouse loads on any port base', async (t) => {
  const file = new URL('../../gatehouse.yaml', import.meta.url).pathname
  const config = loadConfig({ file, dataDir: dir, portBase: 20_000, env: {} })
  t.equal(config.issuer, 'http://localhost:20001')
  t.strictSame(
    config.routes.map(
      (route) => `${route.match.methods.join()} ${route.match.path} ${route.authz.scopes.join()}`,
    ),
    [
      'GET /api/users/me users:read',
      'GET /api/orders orders:read',
      'POST /api/orders orders:write',
      'GET /api/orders/:id orders:read',
      'GET /api/orders/events orders:read',
      'DELETE /api/orders/:id orders:write',
      'GET /api/inventory inventory:read',
      'PUT /api/inventory/:sku inventory:write',
    ],
  )
  t.match(config.upstreams['users']?.targets, [{ url: 'https://localhost:21001' }])
})
