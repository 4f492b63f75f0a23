import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { send } from './client.ts'
import { startRig, type Rig } from './rig.ts'

async function explain(rig: Rig, question: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${rig.gateway.urls['admin']}/explain`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question),
  })
  return { status: response.status, ...Object(await response.json()) }
}

t.test('the route, each stage, and the claims that the service would see', async (t) => {
  const rig = await startRig(t)
  const token = rig.issuer.token({ sub: 'acc-bob' })
  const answer = await explain(rig, { method: 'GET', path: '/api/orders/%37', token })
  t.match(answer, {
    request: { path: '/api/orders/7' },
    route: 'orders.read',
    outcome: { forwarded: true },
    upstream: { name: 'orders', identity: 'orders' },
    caller: { sub: 'acc-bob', authn: 'bearer' },
    internalToken: { aud: 'orders', sub: 'acc-bob', scope: 'orders:read', tctx: { params: { id: '7' } } },
  })
  t.match(answer['routes'], [
    { id: 'users.me', verdict: 'other path' },
    { id: 'orders.list', verdict: 'other path' },
    { id: 'orders.create', verdict: 'other path' },
    { id: 'orders.read', verdict: 'taken' },
  ])
  t.notMatch(JSON.stringify(answer), token.split('.')[2], 'no token in the answer')
  t.equal(rig.reached(), 0, 'nothing was sent')
})

t.test('it says what the gateway does', async (t) => {
  const rig = await startRig(t)
  const cases = [
    ['/api/orders', rig.issuer.token({ scope: 'users:read' })],
    ['/api/orders', rig.issuer.token({ exp: 1 })],
    ['/api/orders', null],
    ['/api/nothing', null],
    ['/api/../x', null],
    ['/api/orders', rig.issuer.token()],
  ] as const
  for (const [path, token] of cases) {
    const real = await rig.call({ path, token })
    const { outcome } = await explain(rig, { method: 'GET', path, ...(token === null ? {} : { token }) })
    const expected =
      real.status === 200 ? { forwarded: true } : { status: real.status, code: real.json['code'] }
    t.match(outcome, expected, path)
  }
})

t.test('the first stage that refuses decides, and those behind it are not reached', async (t) => {
  const rig = await startRig(t)
  const { stages } = await explain(rig, { method: 'GET', path: '/api/orders', as: { sub: 'x', scopes: [] } })
  t.match(stages, [
    { stage: 'overload', verdict: 'passes' },
    { stage: 'body', verdict: 'passes' },
    { stage: 'authenticate', verdict: 'passes' },
    {},
    {},
    {},
    { stage: 'scopes', verdict: 'refuses', status: 403, code: 'insufficient_scope' },
    { stage: 'roles', verdict: 'not reached' },
  ])
})

t.test('nothing is counted: neither requests nor refused tokens', async (t) => {
  const config = 'routes: [{ id: users.me, limits: { rate: 1/h } }]'
  const rig = await startRig(t, { config, failedAuthentications: 1 })
  for (const token of ['x.y.z', 'x.y.z', rig.issuer.token(), rig.issuer.token()]) {
    await explain(rig, { method: 'GET', path: '/api/users/me', token })
  }
  t.equal((await rig.call({ path: '/api/users/me' })).status, 200)
  t.match(await explain(rig, { method: 'GET', path: '/api/users/me', token: rig.issuer.token() }), {
    outcome: { status: 429 },
  })
})

t.test('it follows a changed configuration', async (t) => {
  const rig = await startRig(t)
  rig.configure(
    'routes: [{ id: open, match: { path: /api/*, methods: [GET] }, authn: none, upstream: users }]',
  )
  const question = { method: 'GET', path: '/api/new' }
  let answer = await explain(rig, question)
  for (let at = 0; at < 400 && answer['route'] !== 'open'; at++) {
    await sleep(25)
    answer = await explain(rig, question)
  }
  t.match(answer, { route: 'open', outcome: { forwarded: true } })
  const other = await explain(rig, { method: 'GET', path: '/api/orders', as: { sub: 'x' } })
  t.match(JSON.stringify(other['routes']), '{"id":"open","verdict":"less specific"}')
})

t.test('the public door has no such thing, and a form is no question', async (t) => {
  const rig = await startRig(t)
  t.equal((await send(rig.port, { method: 'POST', path: '/explain' })).status, 404)
  const url = `${rig.gateway.urls['admin']}/explain`
  const form = await fetch(url, { method: 'POST', body: new URLSearchParams({ method: 'GET' }) })
  t.equal(form.status, 415)
  t.equal((await explain(rig, { method: 'GET' })).status, 400)
})

t.test('a page whose name was made to lead to this machine learns nothing', async (t) => {
  const rig = await startRig(t)
  const port = Number(new URL(rig.gateway.urls['admin'] ?? '').port)
  const ask = async (host: string) => {
    const body = JSON.stringify({ method: 'GET', path: '/api/orders' })
    const headers = { host, 'content-type': 'application/json' }
    const { status, json } = await send(port, { method: 'POST', path: '/explain', headers, body })
    return [status, json['code'] ?? json['route']]
  }
  t.same(await ask(`evil.example:${port}`), [403, 'forbidden'])
  t.same(await ask(`127.0.0.1.evil.example:${port}`), [403, 'forbidden'])
  for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]', '0.0.0.0']) {
    t.same(await ask(`${host}:${port}`), [200, 'orders.list'], host)
  }
})

t.test('what is served beside the routes is nothing that would be refused', async (t) => {
  const rig = await startRig(t, {
    config: `
sites:
  - { id: shop, prefix: /shop, target: 'http://127.0.0.1:1' }
  - { id: inner, prefix: /shop/inner, target: 'http://127.0.0.1:2' }
  - { id: login, host: login.test, target: 'http://127.0.0.1:3' }
`,
  })
  const ask = (path: string, more: object = {}) => explain(rig, { method: 'GET', path, ...more })
  for (const path of [
    '/',
    '/healthz',
    '/auth/session',
    '/%61uth/login?return_to=/',
    '/assets/app.css',
    '/docs',
  ])
    t.match(await ask(path), { outcome: { forwarded: false, served: 'by the gateway itself' } }, path)
  t.match((await ask('/auth/logout', { method: 'POST' }))['outcome'], { served: 'by the gateway itself' })
  for (const path of ['/auth/nothing', '/healthz/', '/*', '/shopping'])
    t.strictSame((await ask(path))['outcome'], { forwarded: false, status: 404, code: 'not_found' }, path)
  const site = async (path: string, more: object = {}): Promise<unknown> => {
    const { outcome, upstream } = await ask(path, more)
    t.strictSame(outcome, { forwarded: true, served: 'as it comes' }, path)
    return upstream
  }
  t.strictSame(await site('/shop'), { name: 'shop', targets: ['http://127.0.0.1:1'] })
  t.match(await site('/shop/x', { method: 'POST' }), { name: 'shop' })
  t.match(await site('/shop/inner/x'), { name: 'inner' })
  for (const path of ['/', '/shop', '/shop/x'])
    t.match(await site(path, { host: 'Login.test' }), { name: 'login' })
  t.match(await ask('/', { host: 'other.test' }), { outcome: { status: 421, code: 'unknown_host' } })
})

t.test('a preflight and a wish for another protocol are told of as they are answered', async (t) => {
  const origin = 'https://app.example.com'
  const rig = await startRig(t, {
    config: `routes: [{ id: users.me, cors: { origins: ['${origin}'], headers: [x-tag] } }]`,
  })
  const path = '/api/users/me'
  const preflight = (more: object) => ({
    method: 'OPTIONS',
    path,
    headers: { origin, 'access-control-request-method': 'GET', ...more },
  })
  const key = Buffer.alloc(16).toString('base64')
  const handshake = { 'sec-websocket-version': '13', 'sec-websocket-key': key }
  const cases = {
    allowed: preflight({ 'access-control-request-headers': 'x-tag' }),
    'a header that is not': preflight({ 'access-control-request-headers': 'x-other' }),
    'another origin': preflight({ origin: 'https://evil.example' }),
    'a method that is not there': preflight({ 'access-control-request-method': 'PUT' }),
    'no preflight': { method: 'OPTIONS', path, headers: { origin } },
    'a WebSocket': {
      method: 'GET',
      path,
      headers: { upgrade: 'websocket', connection: 'Upgrade', ...handshake },
    },
    h2c: { method: 'GET', path, headers: { upgrade: 'h2c', connection: 'Upgrade' } },
  }
  for (const [what, question] of Object.entries(cases)) {
    const real = await rig.call({ ...question, token: rig.issuer.token() })
    const { outcome } = await explain(rig, { ...question, token: rig.issuer.token() })
    const { status, json } = real
    const served = status === 204 ? { served: 'by the gateway itself' } : { code: json['code'] }
    t.same(outcome, { forwarded: false, status, ...served }, what)
  }
  t.equal(rig.reached(), 0)
})

t.test(
  'a browser that opens a page is sent to sign in, and whoever asks otherwise is told of that',
  async (t) => {
    const config = 'routes: [{ id: users.me, authz: { scopes: [users:read], acr: [aal2] } }]'
    const rig = await startRig(t, { config })
    const path = '/api/users/me?a=1'
    const html = { accept: 'text/html' }
    const questions = {
      'a page': { method: 'GET', path, headers: html },
      'a page, says the browser': {
        method: 'GET',
        path,
        headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
      },
      'a picture': { method: 'GET', path, headers: { ...html, 'sec-fetch-mode': 'no-cors' } },
      'a program': { method: 'GET', path },
      'only the head': { method: 'HEAD', path, headers: html },
      'a WebSocket': {
        method: 'GET',
        path,
        headers: { ...html, upgrade: 'websocket', connection: 'Upgrade' },
      },
      'what is not there': { method: 'GET', path: '/api/nothing', headers: html },
    }
    const seen: Record<string, unknown> = {}
    for (const [what, question] of Object.entries(questions)) {
      const real = await rig.call({ ...question, token: null })
      const { outcome } = await explain(rig, question)
      const { location } = real.headers
      t.match(outcome, { forwarded: false, status: real.status }, what)
      t.equal(Object(outcome).location, location, what)
      seen[what] = Object(outcome).navigation
    }
    const navigation = { status: 303, location: '/auth/login?return_to=%2Fapi%2Fusers%2Fme%3Fa%3D1' }
    t.strictSame(
      Object.entries(seen).filter(([, told]) => told !== undefined),
      [
        ['a picture', navigation],
        ['a program', navigation],
      ],
    )
    const token = rig.issuer.token()
    const { outcome } = await explain(rig, { method: 'GET', path, token, headers: html })
    t.same(
      outcome,
      { forwarded: false, status: 401, code: 'insufficient_user_authentication' },
      'it has a token',
    )
    const person = await explain(rig, { method: 'GET', path, as: { sub: 'x' }, headers: html })
    const again = '/auth/login?return_to=%2Fapi%2Fusers%2Fme%3Fa%3D1&acr_values=aal2'
    t.match(person, { outcome: { status: 303, code: 'insufficient_user_authentication', location: again } })
  },
)
