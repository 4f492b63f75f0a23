import t from 'tap'
import { ownedBy, startService, type Caller } from '@gatehouse/kit'
import { contextOf } from '@gatehouse/kit/service/context'
import { FakeDoor } from '../harness/door.ts'
import { createTrust, internalToken } from '../harness/internal.ts'
import { ServiceClient, serviceContext } from '../harness/service.ts'

const trust = await createTrust(t.testdir())
const door = await FakeDoor.start(trust)
const callers: Caller[] = []
/** Who came last. */
const seen = () => callers.at(-1)
const service = await startService({
  name: 'orders',
  context: contextOf(serviceContext({ trust, door: door.origin }), 'orders'),
  register(app) {
    app.get('/read', { config: { guard: { scopes: ['orders:read'] } } }, (request) => {
      callers.push(request.caller)
      return { sub: request.caller.sub }
    })
    app.get('/both', { config: { guard: { scopes: ['orders:read', 'orders:write'] } } }, () => ({}))
    app.get(
      '/support',
      { config: { guard: { scopes: ['orders:read'], roles: ['support', 'admin'] } } },
      () => ({}),
    )
    app.get('/public', { config: { guard: 'public' } }, () => ({}))
    app.get('/careless', { config: { guard: 'public' } }, (request) => ({ sub: request.caller.sub }))
  },
})
const client = new ServiceClient(trust, service)
t.teardown(async () => {
  await client.close()
  await service.stop()
  await door.stop()
})

const token = (scope: string, roles: readonly string[] = ['customer']) =>
  internalToken(trust, { aud: 'orders', scope, roles })

t.test('a good token makes a caller, the first time and from memory', async (t) => {
  const act = { sub: 'spiffe://gatehouse.test/users', act: { sub: 'spiffe://gatehouse.test/inventory' } }
  const given = internalToken(trust, {
    aud: 'orders',
    sub: 'acc-bob',
    client_id: 'demo-native',
    scope: 'orders:read users:read',
    roles: ['customer', 'support'],
    sid: 'session-1',
    txn: 'txn_of-this-one',
    act,
  })
  for (const round of ['verified', 'remembered']) {
    callers.length = 0
    t.match(
      await client.send({ path: '/read', token: given }),
      { status: 200, json: { sub: 'acc-bob' } },
      round,
    )
    t.match(seen(), {
      sub: 'acc-bob',
      clientId: 'demo-native',
      sid: 'session-1',
      txn: 'txn_of-this-one',
      chain: ['spiffe://gatehouse.test/users', 'spiffe://gatehouse.test/inventory'],
      token: given,
    })
    t.same([...(seen()?.scopes ?? [])], ['orders:read', 'users:read'])
    t.same([...(seen()?.roles ?? [])], ['customer', 'support'])
  }
})

t.test('the trace context belongs to the request, not to the remembered token', async (t) => {
  const given = token('orders:read')
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  await client.send({ path: '/read', token: given, headers: { traceparent } })
  t.equal(seen()?.traceparent, traceparent)
  await client.send({ path: '/read', token: given })
  t.equal(seen()?.traceparent, undefined)
  await client.send({ path: '/read', token: given, headers: { traceparent: '00-nonsense' } })
  t.equal(seen()?.traceparent, undefined)
})

t.test('every scope of the route is needed', async (t) => {
  t.equal((await client.send({ path: '/both', token: token('orders:write orders:read') })).status, 200)
  const refused = await client.send({ path: '/both', token: token('orders:read orders:write2') })
  t.match(refused, {
    status: 403,
    headers: {
      'content-type': /^application\/problem\+json/,
      'www-authenticate': 'Bearer error="insufficient_scope", scope="orders:read orders:write"',
    },
    json: { code: 'insufficient_scope' },
  })
  t.equal((await client.send({ path: '/read', token: token('') })).status, 403, 'no scope at all')
})

t.test('one of the roles is enough, and needed', async (t) => {
  t.equal((await client.send({ path: '/support', token: token('orders:read', ['admin']) })).status, 200)
  const refused = await client.send({ path: '/support', token: token('orders:read', ['customer']) })
  t.match(refused, { status: 403, json: { code: 'insufficient_role' } })
  const noRoles = await client.send({ path: '/support', token: token('orders:read', []) })
  t.match(noRoles, { status: 403, json: { code: 'insufficient_role' } })
})

t.test('a public route asks nobody, and has no caller', async (t) => {
  t.equal((await client.send({ path: '/public' })).status, 200)
  t.match(await client.send({ path: '/careless', token: token('orders:read') }), {
    status: 500,
    json: { code: 'internal_error' },
  })
})

t.test('HEAD is guarded like GET', async (t) => {
  t.equal((await client.send({ method: 'HEAD', path: '/read' })).status, 401)
  t.equal((await client.send({ method: 'HEAD', path: '/read', token: token('orders:read') })).status, 200)
})

t.test('ownership', async (t) => {
  await client.send({ path: '/read', token: token('orders:read') })
  const caller = seen()
  if (caller === undefined) throw new Error('nobody was seen')
  t.equal(ownedBy(caller, 'acc-alice'), true)
  t.equal(ownedBy(caller, 'acc-bob'), false)
  t.equal(ownedBy({ ...caller, sub: '' }, ''), false, 'nobody owns what belongs to nobody')
})
