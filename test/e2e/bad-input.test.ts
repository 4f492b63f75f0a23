import { request } from 'node:http'
import t from 'tap'
import { withoutTxn } from '../harness/drawn.ts'
import { type Platform, startPlatform } from '../harness/index.ts'

interface Case {
  readonly what: string
  readonly path: string
  readonly init: RequestInit
  readonly status: number
  readonly code: string
}

const json = { 'content-type': 'application/json' }
const cases: readonly Case[] = [
  { what: 'unknown route', path: '/api/nothing', init: {}, status: 404, code: 'not_found' },
  {
    what: 'method',
    path: '/api/orders',
    init: { method: 'DELETE' },
    status: 405,
    code: 'method_not_allowed',
  },
  {
    what: 'malformed JSON',
    path: '/api/orders',
    init: { method: 'POST', headers: json, body: '{"sku": ' },
    status: 400,
    code: 'malformed_json',
  },
  {
    what: 'wrong content type',
    path: '/api/orders',
    init: { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'sku=oak-stool' },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    what: 'too large for the route (64 KiB)',
    path: '/api/orders',
    init: { method: 'POST', headers: json, body: JSON.stringify({ sku: 'x'.repeat(70_000), quantity: 1 }) },
    status: 413,
    code: 'body_too_large',
  },
  {
    what: 'a field of the wrong type',
    path: '/api/orders',
    init: { method: 'POST', headers: json, body: '{"sku":"oak-stool","quantity":"two"}' },
    status: 422,
    code: 'validation_failed',
  },
  {
    what: 'a field that nobody knows',
    path: '/api/orders',
    init: { method: 'POST', headers: json, body: '{"sku":"oak-stool","quantity":1,"price":0}' },
    status: 422,
    code: 'validation_failed',
  },
  {
    what: 'more than there is',
    path: '/api/orders',
    init: { method: 'POST', headers: json, body: '{"sku":"oak-stool","quantity":1000}' },
    status: 409,
    code: 'out_of_stock',
  },
]

t.test('bad input gets a clear error and loses nothing', async (t) => {
  const platform = await startPlatform({ t })
  const token = await platform.token()
  const before = await stockOf(platform, token)
  for (const { what, path, init, status, code } of cases) {
    const answer = await platform.fetch(path, { ...init, token })
    const body = await answer.text()
    t.equal(answer.status, status, `${what}: ${body}`)
    t.match(answer.headers.get('content-type'), /^application\/problem\+json/, what)
    t.match(
      JSON.parse(body),
      { code, status, title: String, txn: /^txn_/, type: `urn:gatehouse:problem:${code}` },
      what,
    )
    t.notMatch(
      withoutTxn(body),
      /fastify|FST_|undici|ajv|SyntaxError|Unexpected|127\.0\.0\.1|node_modules/i,
      what,
    )
  }
  t.same(await stockOf(platform, token), before, 'nothing was reserved')
  t.same(await (await platform.fetch('/api/orders', { token })).json(), { items: [] }, 'nothing was ordered')
})

t.test('headers, a URL and paths that are too much', async (t) => {
  const platform = await startPlatform({ t })
  t.equal((await platform.fetch(`/api/orders?${'a'.repeat(9000)}`)).status, 414)
  t.equal((await platform.fetch('/api/orders', { headers: { 'x-much': 'a'.repeat(17_000) } })).status, 431)
  for (const path of ['/api/../api/orders', '/api/%2e%2e/orders', '//api/orders', '/api/orders/%00']) {
    const status = await raw(platform, path)
    t.ok(status === 400 || status === 404, `${path}: ${status}`)
  }
  t.same(
    platform.received('orders').filter(({ path }) => path.startsWith('/api')),
    [],
  )
})

async function stockOf(platform: Platform, token: string): Promise<unknown> {
  return (await platform.fetch('/api/inventory', { token })).json()
}

/** Node's fetch would tidy the path up. */
function raw(platform: Platform, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(platform.url('gateway'))
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, timeout: 5000 }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    sent.once('error', reject)
    sent.end()
  })
}
