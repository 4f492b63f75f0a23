import https from 'node:https'
import express, { type Handler } from 'express'
import t from 'tap'
import { openWorkload, type Workload } from '@gatehouse/kit'
import { problemResponse, requireCallerOf } from '@gatehouse/kit/guard/fetch'
import { answerProblem, requireCaller } from '@gatehouse/kit/guard/node'
import { FakeGateway } from '@gatehouse/kit/testing'

const gateway = await FakeGateway.start({ services: ['parcels'] })
const house: Workload = openWorkload({ name: 'parcels', context: gateway.contextFor('parcels') })
house.start()
t.teardown(async () => {
  await house.stop()
  await gateway.stop()
})

async function listen(t: { teardown(run: () => unknown): unknown }, server: https.Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return gateway.to({ name: 'parcels', urls: { url: `https://127.0.0.1:${port}` } })
}

const demand = { scopes: ['parcels:read'], roles: ['customer', 'support'] } as const

t.test('node:http', async (t) => {
  const mayRead = requireCaller(house.guard, demand)
  const server = https.createServer(house.tls, (request, response) => {
    mayRead(request).then(
      (caller) => response.end(JSON.stringify({ sub: caller.sub })),
      (error: unknown) => answerProblem(error, response),
    )
  })
  const get = await listen(t, server)
  t.match(await get('/', { scopes: ['parcels:read'] }), { status: 200, json: { sub: 'acc-alice' } })
  const refused = await get('/', { scopes: ['other'] })
  t.match(refused, { status: 403, json: { code: 'insufficient_scope' } })
  t.match(refused.headers, {
    'content-type': 'application/problem+json',
    'www-authenticate': /scope="parcels:read"/,
  })
  t.match(await get('/', { scopes: ['parcels:read'], roles: [] }), {
    status: 403,
    json: { code: 'insufficient_role' },
  })
  t.match(await get('/', { headers: { authorization: '' } }), { status: 401 })
  t.match(await get('/', { scopes: ['parcels:read'], exp: 1, iat: 0 }), {
    status: 401,
    json: { code: 'invalid_token' },
  })
})

t.test('Express', async (t) => {
  const app = express()
  const mayRead = requireCaller(house.guard, demand)
  const handler: Handler = (request, response) => {
    mayRead(request).then(
      (caller) => response.json({ sub: caller.sub }),
      (error: unknown) => answerProblem(error, response),
    )
  }
  app.use(handler)
  const get = await listen(t, https.createServer(house.tls, app))
  t.match(await get('/mine', { scopes: ['parcels:read'], sub: 'acc-bob' }), {
    status: 200,
    json: { sub: 'acc-bob' },
  })
  t.match(await get('/mine'), { status: 403 })
})

t.test('fetch style: the presenter is stated, and counts', async (t) => {
  const mayRead = requireCallerOf(house.guard, demand)
  const ask = async (authorization: string | undefined, presenter: string | undefined) => {
    const headers = new Headers({ 'gatehouse-timeout': '500' })
    if (authorization !== undefined) headers.set('authorization', authorization)
    try {
      return await mayRead(new Request('https://parcels/', { headers }), presenter)
    } catch (error) {
      return problemResponse(error)
    }
  }
  const status = async (...of: Parameters<typeof ask>) => Object(await ask(...of)).status
  const bearer = `Bearer ${gateway.token('parcels', { scopes: ['parcels:read'] })}`
  const door = 'spiffe://gatehouse.test/gateway'
  const caller = await ask(bearer, door)
  t.match(caller, { sub: 'acc-alice', deadline: Number })
  t.equal(await status(bearer, undefined), 401)
  t.equal(await status(bearer, 'spiffe://gatehouse.test/users'), 401)
  t.equal(await status(undefined, door), 401)
  t.equal(await status(`${bearer}, ${bearer}`, door), 400)
  t.equal(await status(`Bearer ${gateway.token('users', { scopes: ['parcels:read'] })}`, door), 401)
})

t.test('wrong use is a TypeError at start', async (t) => {
  const wrong: readonly unknown[] = [
    'public',
    undefined,
    {},
    { scopes: [] },
    { scope: ['x'] },
    { scopes: ['a b'] },
  ]
  for (const demanded of wrong) {
    t.throws(() => Reflect.apply(requireCaller, undefined, [house.guard, demanded]), TypeError)
    t.throws(() => Reflect.apply(requireCallerOf, undefined, [house.guard, demanded]), TypeError)
  }
  t.throws(() => answerProblem(new Error('not for them'), Object.create(null)), /not for them/)
  t.throws(() => house.serve({}), TypeError)
})
