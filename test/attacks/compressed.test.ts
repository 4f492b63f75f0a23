import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
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

const coded = `
routes:
  - id: inventory.set
    headers: { request: [content-encoding] }
    limits: { body: 64KiB, inflated: 100KiB }
`
const inventory = { method: 'PUT', path: '/api/inventory/oak' } as const

t.test('where a route takes coded bodies, they pass as they are, up to what they unpack to', async (t) => {
  const rig = await startRig(t, { config: coded })
  const pack = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync }
  for (const [coding, compress] of Object.entries(pack)) {
    const headers = { 'content-encoding': coding }
    const most = compress(Buffer.alloc(100 * 1024))
    t.equal((await rig.call({ ...inventory, headers, body: most })).status, 200, coding)
    const seen = rig.services.inventory.only()
    t.equal(seen.headers['content-encoding'], coding)
    t.equal(seen.headers['content-length'], String(most.length))
    const bomb = compress(Buffer.alloc(100 * 1024 + 1))
    const answer = await rig.call({ ...inventory, headers, body: bomb })
    t.match(answer, { status: 413, json: { code: 'body_too_large' } }, coding)
    t.ok(
      rig.services.inventory.seen.splice(0).every(({ body }) => body === ''),
      'no service saw all of it',
    )
  }
})

t.test('a bomb of unstated length, with bounded memory', async (t) => {
  const rig = await startRig(t, { config: coded })
  const bomb = gzipSync(Buffer.alloc(50_000_000))
  t.ok(bomb.length < 64 * 1024, 'small enough to be let in')
  const before = process.memoryUsage().rss
  const headers = { 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' }
  const answer = await rig.call({ ...inventory, headers, body: bomb })
  t.match(answer, { status: 413, json: { code: 'body_too_large' } })
  t.ok(process.memoryUsage().rss - before < 40_000_000)
})

t.test('what cannot be measured is not let in', async (t) => {
  const rig = await startRig(t, { config: coded })
  const body = gzipSync('{}')
  for (const coding of ['gzip, gzip', 'x-unknown', 'compress', '__proto__', 'toString']) {
    const sending = { ...inventory, headers: { 'content-encoding': coding }, body }
    await refused(t, rig, coding, sending, [415, 'unsupported_media_type'])
  }
  for (const coding of ['br', 'deflate', 'zstd']) {
    const answer = await rig.call({ ...inventory, headers: { 'content-encoding': coding }, body })
    t.match(answer, { status: 400, json: { code: 'invalid_request' } }, `${coding} that is gzip`)
  }
})
