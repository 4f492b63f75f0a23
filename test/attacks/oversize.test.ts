import t from 'tap'
import { sendRaw, statuses } from '../gateway/client.ts'
import { refused } from '../gateway/refused.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const token = rig.issuer.token()

t.test('a URL that is too long', async (t) => {
  await refused(t, rig, 'path', { path: `/api/${'a'.repeat(8200)}` }, [414, 'uri_too_long'])
  await refused(t, rig, 'query', { path: `/api/orders?${'a'.repeat(8200)}` }, [414, 'uri_too_long'])
  t.same(
    statuses(
      await sendRaw(rig.port, `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: ${rig.host}\r\n\r\n`, 2000),
    ),
    [414],
  )
})

t.test('headers that are too large, or too many', async (t) => {
  const large = { 'x-large': 'x'.repeat(17_000) }
  await refused(t, rig, 'one', { path: '/api/orders', headers: large }, [431, 'headers_too_large'])
  const many = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`x-${n}`, '1']))
  await refused(t, rig, 'many', { path: '/api/orders', headers: many }, [431, 'headers_too_large'])
})

t.test('a body that says that it is too large', async (t) => {
  const sending = {
    method: 'POST',
    path: '/api/orders',
    headers: { 'content-length': '65537' },
    body: 'x'.repeat(65_537),
  }
  await refused(t, rig, 'for its route', sending, [413, 'body_too_large'])
  const huge = `POST /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${token}\r\ncontent-length: 999999999999\r\n\r\n`
  const answer = await sendRaw(rig.port, huge, 2000)
  t.same(statuses(answer), [413], 'before a byte of it came')
  t.match(answer, /connection: close/i)
  t.equal(rig.reached(), 0)
})

t.test('a body that does not say how large it is, and is too large', async (t) => {
  const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
  const bytes = `POST /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${token}\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(5)}0\r\n\r\n`
  const answer = await sendRaw(rig.port, bytes, 2000)
  t.same(statuses(answer), [413])
  t.match(answer, /"code":"body_too_large"/)
  t.ok(
    rig.services.orders.seen.every((seen) => seen.body === ''),
    'the service never saw the end of it',
  )
  const exact = `POST /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${token}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n${chunk.repeat(4)}0\r\n\r\n`
  t.same(statuses(await sendRaw(rig.port, exact, 2000)), [200], 'exactly the limit passes')
})

t.test('a route that takes less than the gateway', async (t) => {
  const config = 'routes: [{ id: orders.list, limits: { headers: 2KiB, url: 64B } }]'
  const tight = await startRig(t, { config })
  const path = `/api/orders?${'a'.repeat(52)}`
  t.equal(path.length, 64)
  t.equal((await tight.call({ path })).status, 200)
  await refused(t, tight, 'url', { path: `${path}a` }, [414, 'uri_too_long'])
  const headers = { 'x-large': 'x'.repeat(2048) }
  await refused(t, tight, 'headers', { path: '/api/orders', headers }, [431, 'headers_too_large'])
  t.equal((await tight.call({ path: '/api/inventory', headers })).status, 200, 'another route')
})
