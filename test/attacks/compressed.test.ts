import { gzipSync } from 'node:zlib'
import t from 'tap'
import { refused } from '../gateway/refused.ts'
import { startRig } from '../gateway/rig.ts'

t.test('a body that is coded is not let in where nobody said so', async (t) => {
  const rig = await startRig(t)
  const body = gzipSync(Buffer.alloc(10_000_000))
  for (const coding of ['gzip', 'GZIP', 'br', 'deflate', 'gzip, gzip', 'x-unknown', 'identity, gzip']) {
    const sending = {
      method: 'PUT',
      path: '/api/inventory/oak',
      headers: { 'content-type': 'application/json', 'content-encoding': coding },
      body,
    }
    await refused(t, rig, coding, sending, [415, 'unsupported_media_type'])
  }
  const plain = await rig.call({
    method: 'PUT',
    path: '/api/inventory/oak',
    headers: { 'content-encoding': 'identity' },
    body: '{}',
  })
  t.equal(plain.status, 200)
})

t.test('a coded answer passes as it is, and is never unpacked here', async (t) => {
  const rig = await startRig(t)
  const bomb = gzipSync(Buffer.alloc(100_000_000))
  rig.services.orders.answer = (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.length }).end(bomb)
  const before = process.memoryUsage().rss
  const answer = await rig.call({ path: '/api/orders', headers: { 'accept-encoding': 'gzip' } })
  t.equal(answer.headers['content-encoding'], 'gzip')
  t.equal(answer.headers['content-length'], String(bomb.length))
  t.ok(process.memoryUsage().rss - before < 80_000_000)
})
