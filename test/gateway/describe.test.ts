import t from 'tap'
import { send } from './client.ts'
import { startRig } from './rig.ts'

const config = `
gateway: { hosts: ['localhost:\${port:0}', 'other.test'] }
routes:
  - id: files
    match: { path: /files/:owner/*, methods: [GET, PUT] }
    authn: none
    upstream: users
  - id: other
    match: { path: /other, methods: [GET], hosts: [other.test] }
    authn: none
    upstream: users
`

t.test('one description of what is exposed, and of nothing behind it', async (t) => {
  const rig = await startRig(t, { config, contracts: true })
  const answer = await send(rig.port, { path: '/openapi.json' })
  t.match(answer, {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
  })
  const { openapi, servers, paths, components } = Object(answer.json)
  t.equal(openapi, '3.1.0')
  t.same(servers, [{ url: `http://localhost:${rig.port}` }])
  t.same(Object.keys(paths).toSorted(), [
    '/api/inventory',
    '/api/inventory/{sku}',
    '/api/orders',
    '/api/orders/events',
    '/api/orders/{id}',
    '/api/users/me',
    '/files/{owner}/{rest}',
  ])
  t.match(paths['/api/orders'].post, {
    operationId: 'orders.create',
    security: [{ session: [] }, { token: ['orders:write'] }],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: { required: ['sku', 'quantity'] } } },
    },
    responses: { 201: Object, default: { $ref: '#/components/responses/Problem' } },
    parameters: [{ name: 'idempotency-key', in: 'header', required: false }],
  })
  t.match(paths['/files/{owner}/{rest}'], {
    get: { operationId: 'files.get', security: [] },
    put: { requestBody: Object },
  })
  t.match(components.securitySchemes, {
    token: {
      type: 'openIdConnect',
      openIdConnectUrl: `http://localhost:${rig.port + 1}/.well-known/openid-configuration`,
    },
    session: { type: 'apiKey', in: 'cookie', name: '__Host-gatehouse' },
  })
  t.notMatch(answer.text, /inventory:reserve|reservations|internal\+jwt|gatehouse\.local|other/)
  for (const service of [1001, 1002, 1003]) t.notMatch(answer.text, `localhost:${rig.port + service}`)
  const other = await send(rig.port, { path: '/openapi.json', headers: { host: 'other.test' } })
  t.ok(Object(other.json['paths'])['/other'], 'each host has its own')
  t.equal((await send(rig.port, { path: '/openapi.json', headers: { host: 'foreign.test' } })).status, 421)
  const etag = String(answer.headers.etag)
  t.equal((await send(rig.port, { path: '/openapi.json', headers: { 'if-none-match': etag } })).status, 304)
})

t.test('routes whose paths differ in names of parameters alone are one path', async (t) => {
  const twoNames = `
routes:
  - id: first
    match: { path: /files/:owner/of/:year, methods: [GET] }
    authn: none
    upstream: users
  - id: second
    match: { path: /files/:id/of/:year, methods: [PUT, DELETE] }
    authn: none
    upstream: users
`
  const rig = await startRig(t, { config: twoNames })
  const { paths } = Object((await send(rig.port, { path: '/openapi.json' })).json)
  const path = '/files/{owner}/of/{year}'
  t.same(
    Object.keys(paths).filter((one) => one.startsWith('/files')),
    [path],
  )
  for (const method of ['get', 'put', 'delete'])
    t.match(paths[path][method].parameters, [{ name: 'owner' }, { name: 'year' }], method)
})

t.test('the page loads nothing but its own style', async (t) => {
  const rig = await startRig(t, { config, contracts: true })
  const page = await send(rig.port, { path: '/docs' })
  t.equal(page.status, 200)
  t.match(
    page.headers['content-security-policy'],
    /^default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'/,
  )
  t.notMatch(page.text, /<script|style="|https?:\/\/(?!localhost)/)
  t.match(page.text, /POST<\/b> \/api\/orders/)
  t.equal(
    (await send(rig.port, { path: '/docs/style.css' })).headers['content-type'],
    'text/css; charset=utf-8',
  )
})

t.test('it can be kept to oneself', async (t) => {
  const rig = await startRig(t, { config: 'gateway: { describe: false }' })
  for (const path of ['/openapi.json', '/docs', '/docs/style.css'])
    t.equal((await send(rig.port, { path })).status, 404, path)
})
