import t from 'tap'
import { start } from '../../services/users/start.ts'
import { FakeDoor } from '../harness/door.ts'
import { createTrust, internalToken } from '../harness/internal.ts'
import { freePort } from '../harness/ports.ts'
import { CapturedLog, ServiceClient, serviceContext } from '../harness/service.ts'

const trust = await createTrust(t.testdir())

/** A port that nobody listens on. */
t.test('a service starts before the gateway, says so, and works once the gateway is there', async (t) => {
  const port = await freePort()
  const service = await start(serviceContext({ trust, door: `https://127.0.0.1:${port}` }))
  const client = new ServiceClient(trust, service)
  const token = internalToken(trust, { aud: 'users', scope: 'users:read' })
  const early = await client.sendOnce({ path: '/api/users/me', token })
  t.match(early, { status: 503, headers: { 'retry-after': '1' }, json: { code: 'not_ready' } })
  t.equal((await client.send({ path: '/healthz' })).status, 200)
  t.equal(
    (await client.send({ path: '/api/users/me' })).status,
    401,
    'without a token there is nothing to wait for',
  )

  const door = await FakeDoor.start(trust, { port })
  const since = Date.now()
  let status = 503
  while (status === 503 && Date.now() - since < 15_000) {
    status = (await client.sendOnce({ path: '/api/users/me', token })).status
  }
  t.equal(status, 200)
  t.comment(`ready ${Date.now() - since} ms after the gateway`)
  await client.close()
  await service.stop()
  await door.stop()
})

t.test('keys come from the gateway and from nobody else', async (t) => {
  const log = new CapturedLog()
  const imposter = await FakeDoor.start(trust, { identity: 'inventory' })
  const service = await start(serviceContext({ trust, door: imposter.origin, log }))
  const client = new ServiceClient(trust, service)
  const token = internalToken(trust, { aud: 'users', scope: 'users:read' })
  t.equal((await client.sendOnce({ path: '/api/users/me', token })).status, 503)
  t.equal(imposter.jwksFetches, 0, 'the imposter got no request')
  await client.close()
  await service.stop()
  await imposter.stop()
})

for (const [name, jwks] of [
  ['an empty set', { keys: [] }],
  ['garbage', 'nothing of the kind'],
  ['a symmetric key', { keys: [{ kty: 'oct', k: 'AAAA', kid: 'x', alg: 'HS256' }] }],
] as const) {
  t.test(`${name} instead of keys: not ready`, async (t) => {
    const door = await FakeDoor.start(trust)
    door.jwks = jwks
    const service = await start(serviceContext({ trust, door: door.origin }))
    const client = new ServiceClient(trust, service)
    const token = internalToken(trust, { aud: 'users', scope: 'users:read' })
    t.match(await client.sendOnce({ path: '/api/users/me', token }), {
      status: 503,
      json: { code: 'not_ready' },
    })
    await client.close()
    await service.stop()
    await door.stop()
  })
}
