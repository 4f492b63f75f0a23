import assert from 'node:assert/strict'
import t from 'tap'
import { startService, type FastifyInstance } from '@gatehouse/kit'
import { FakeGateway, sendJson } from '@gatehouse/kit/testing'

const register = (app: FastifyInstance) => {
  app.get('/api/parcels', { config: { guard: { scopes: ['parcels:read'] } } }, ({ caller }) => ({
    sub: caller.sub,
  }))
}

t.test('a service behind a gateway that is none', async (t) => {
  const gateway = await FakeGateway.start({ services: ['parcels'] })
  const service = await startService({ name: 'parcels', context: gateway.contextFor('parcels'), register })
  const get = gateway.to(service)
  t.match(await get('/api/parcels', { scopes: ['parcels:read'] }), {
    status: 200,
    json: { sub: 'acc-alice' },
  })
  t.match(await get('/api/parcels', { sub: 'acc-bob', scopes: ['parcels:read'] }), {
    json: { sub: 'acc-bob' },
  })
  t.match(await get('/api/parcels', { scopes: ['other'] }), {
    status: 403,
    json: { code: 'insufficient_scope' },
  })
  t.match(await get('/openapi.json'), { status: 200, json: { info: { title: 'parcels' } } })
  await service.stop()
  await gateway.stop()
})

t.test('a service that has no keys yet, as on a busy machine, is asked again', async (t) => {
  const gateway = await FakeGateway.start({ services: ['parcels'] })
  const { jwks } = gateway.door
  gateway.door.jwks = { keys: [] }
  const statuses: number[] = []
  const service = await startService({
    name: 'parcels',
    context: gateway.contextFor('parcels'),
    register: (app) => {
      register(app)
      app.addHook('onResponse', async (_request, reply) => {
        statuses.push(reply.statusCode)
        gateway.door.jwks = jwks
      })
    },
  })
  const get = gateway.to(service)
  t.equal((await get('/api/parcels', { scopes: ['parcels:read'] })).status, 200)
  t.equal(statuses[0], 503)
  await service.stop()
  await gateway.stop()
})

t.test('what it calls is answered by the test', async (t) => {
  const gateway = await FakeGateway.start({ services: ['parcels'] })
  gateway.door.handler = (_request, response) => sendJson(response, 200, { city: 'Little Bramley' })
  const service = await startService({
    name: 'parcels',
    context: gateway.contextFor('parcels'),
    register: (app, { call }) => {
      app.get('/where', { config: { guard: { scopes: ['x'] } } }, async ({ caller }) => {
        const { body } = await call(caller, 'users', { method: 'GET', path: '/api/users/me' })
        return body
      })
    },
  })
  const get = gateway.to(service)
  assert.deepEqual((await get('/where', { scopes: ['x'] })).json, { city: 'Little Bramley' })
  t.match(gateway.door.requests, [{ from: 'parcels', path: '/users/api/users/me' }])
  await service.stop()
  await gateway.stop()
})
