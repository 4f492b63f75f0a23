import t from 'tap'
import {
  eventually,
  isRecord,
  jwtParts,
  type Platform,
  type Received,
  startPlatform,
} from '../harness/index.ts'

t.test('an order goes through three services under one transaction, each with less', async (t) => {
  const platform = await startPlatform({ t })
  const alice = await platform.signIn('alice')
  platform.forgetReceived()
  const placed = await alice.fetch('/api/orders', json({ sku: 'oak-stool', quantity: 2 }))
  t.equal(placed.status, 201)
  const order: unknown = await placed.json()
  t.match(order, {
    sku: 'oak-stool',
    quantity: 2,
    status: 'reserved',
    owner: 'acc-alice',
    address: { country: 'GB' },
  })
  t.equal(placed.headers.get('location'), `/api/orders/${isRecord(order) ? String(order['id']) : ''}`)

  const first = claims(platform, 'orders', 'POST /api/orders')
  const toUsers = claims(platform, 'users', 'GET /api/users/me')
  const toInventory = claims(platform, 'inventory', 'POST /reservations')
  const gateway = 'spiffe://gatehouse.local/gateway'
  const orders = 'spiffe://gatehouse.local/orders'

  t.match(first, {
    aud: 'orders',
    sub: 'acc-alice',
    client_id: 'gateway',
    req_wl: gateway,
    roles: ['customer'],
  })
  t.match(first, { rctx: { authn: 'session' }, tctx: { route: 'orders.create' } })
  t.same(scopes(first), ['inventory:reserve', 'orders:write', 'users:read'])
  t.notOk('act' in first, 'nobody stands between the caller and the first service')

  t.match(toUsers, { aud: 'users', sub: 'acc-alice', req_wl: gateway, act: { sub: orders } })
  t.same(scopes(toUsers), ['users:read'])
  t.match(toInventory, { aud: 'inventory', sub: 'acc-alice', req_wl: gateway, act: { sub: orders } })
  t.same(scopes(toInventory), ['inventory:reserve'])

  for (const each of [toUsers, toInventory]) {
    for (const name of ['txn', 'sid', 'client_id', 'auth_time', 'roles', 'rctx', 'tctx']) {
      t.same(each[name], first[name], `${name} stays the same`)
    }
    t.ok(Number(each['exp']) <= Number(first['exp']), 'no later than its parent')
  }
  t.ok(Number(first['exp']) - Number(first['iat']) <= 60)
  t.match(first['txn'], /^txn_/)
  const told = () => new Set(platform.logs().flatMap((line) => nameIn(line, String(first['txn']))))
  await eventually(() => told().size === 4)
  t.same([...told()].toSorted(), ['gateway', 'inventory', 'orders', 'users'], 'one id in every log')
})

t.test('no service sees the access token, the cookie, or what a caller made up', async (t) => {
  const platform = await startPlatform({ t })
  const token = await platform.token()
  await platform.fetch('/api/orders', {
    token,
    headers: {
      'x-forwarded-for': '10.0.0.1',
      'x-user-id': 'acc-alice',
      cookie: 'a=b',
      'x-real-ip': '10.0.0.1',
    },
  })
  const [received] = requests(platform, 'orders', 'GET /api/orders')
  t.ok(received, 'it arrived')
  t.notOk(received?.headers['authorization']?.includes(token))
  for (const name of ['cookie', 'x-user-id', 'x-real-ip']) t.notOk(received?.headers[name], name)
  t.notMatch(JSON.stringify(received?.headers), '10.0.0.1')
})

t.test("Alice never sees Bob's orders; support sees all", async (t) => {
  const platform = await startPlatform({ t })
  const [alice, bob, carol] = await Promise.all(
    ['alice', 'bob', 'carol'].map((name) => platform.signIn(name)),
  )
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error('three people')
  const placed = await bob.fetch('/api/orders', json({ sku: 'linen-tote', quantity: 1 }))
  const path = placed.headers.get('location') ?? ''
  t.match(path, /^\/api\/orders\/ord_/)
  t.equal((await bob.fetch(path)).status, 200)
  const hidden = await alice.fetch(path)
  t.equal(hidden.status, 404)
  t.match(await hidden.json(), { code: 'not_found' })
  t.same(await (await alice.fetch('/api/orders')).json(), { items: [] })
  t.equal((await alice.fetch('/api/orders?all=true')).status, 403)
  t.match(await (await carol.fetch('/api/orders?all=true')).json(), { items: [{ owner: 'acc-bob' }] })
  t.equal((await carol.fetch(path)).status, 200)
})

function json(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function requests(
  platform: Platform,
  part: 'users' | 'orders' | 'inventory',
  what: string,
): readonly Received[] {
  return platform.received(part).filter(({ method, path }) => `${method} ${path}` === what)
}

function claims(
  platform: Platform,
  part: 'users' | 'orders' | 'inventory',
  what: string,
): Readonly<Record<string, unknown>> {
  const [request, ...more] = requests(platform, part, what)
  const { headers } = request ?? { headers: { authorization: undefined } }
  if (more.length > 0) throw new Error(`${what} arrived ${more.length + 1} times`)
  return jwtParts(String(headers.authorization).replace('Bearer ', '')).payload
}

function nameIn(line: string, txn: string): readonly string[] {
  const entry: unknown = JSON.parse(line)
  return isRecord(entry) && entry['txn'] === txn ? [String(entry['name'])] : []
}

function scopes(token: Readonly<Record<string, unknown>>): readonly string[] {
  return String(token['scope']).split(' ').toSorted()
}
