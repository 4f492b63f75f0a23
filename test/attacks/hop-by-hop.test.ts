import t from 'tap'
import { startRig } from '../gateway/rig.ts'

t.test('naming our headers in Connection does not take them away', async (t) => {
  const rig = await startRig(t)
  const names =
    'authorization, x-request-id, x-forwarded-for, forwarded, x-forwarded-host, via, host, content-length, accept'
  for (const connection of [names, names.toUpperCase(), `close, ${names}`, `keep-alive,${names}`]) {
    const answer = await rig.call({
      method: 'POST',
      path: '/api/orders',
      headers: { connection, accept: 'text/x', 'content-type': 'text/plain', 'content-length': '5' },
      body: 'hello',
    })
    t.equal(answer.status, 200)
    const { headers, body } = rig.services.orders.only()
    t.match(headers, {
      authorization: /^Bearer ey/,
      'x-request-id': answer.headers['x-request-id'],
      'x-forwarded-for': String,
      forwarded: String,
      via: '1.1 gatehouse',
    })
    t.equal(body, 'hello')
    t.notOk('accept' in headers, 'what was the caller’s own is hop-by-hop if it says so')
  }
})

t.test('hop-by-hop headers stay with their hop', async (t) => {
  const rig = await startRig(t)
  const answer = await rig.call({
    path: '/api/orders',
    headers: {
      'keep-alive': 'timeout=5',
      'proxy-authorization': 'Basic eDp5',
      'proxy-connection': 'keep-alive',
      te: 'trailers',
      connection: 'te',
    },
  })
  t.equal(answer.status, 200)
  const { headers } = rig.services.orders.only()
  for (const name of ['keep-alive', 'proxy-authorization', 'proxy-connection', 'te'])
    t.notOk(name in headers, name)
  t.equal(headers.connection, 'keep-alive')
})
