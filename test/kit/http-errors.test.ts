import { Type } from 'typebox'
import t, { type Test } from 'tap'
import { Problem } from '@gatehouse/kit/errors'
import { StoreError } from '@gatehouse/kit/store/errors'
import type { FastifyInstance } from 'fastify'
import { withoutTxn } from '../harness/drawn.ts'
import { libraryWords, serve } from './http-fixture.ts'

const order = Type.Object(
  { sku: Type.String({ pattern: '^[A-Z]+$' }), quantity: Type.Integer({ minimum: 1 }) },
  { additionalProperties: false },
)
const query = Type.Object({ page: Type.Optional(Type.String({ pattern: '^[0-9]+$' })) })

function routes(app: FastifyInstance): void {
  app.post('/orders', { schema: { body: order } }, () => ({ done: true }))
  app.get('/orders', { schema: { querystring: query } }, () => ({ done: true }))
  app.get('/crash', () => {
    throw new Error('password=hunter2 at the database')
  })
  app.get('/problem', () => {
    throw new Problem('rate_limited', { headers: { 'retry-after': '7' }, detail: 'slow down' })
  })
  app.get('/store', () => {
    throw new StoreError('SQLITE_BUSY')
  })
  app.get('/teapot', () => {
    throw Object.assign(new Error('library text'), { statusCode: 418 })
  })
}

/** Checks what all problem answers have in common and returns the body. */
async function expectProblem(t: Test, response: Response, status: number, code: string): Promise<unknown> {
  const text = await response.text()
  t.equal(response.status, status)
  t.equal(response.headers.get('content-type'), 'application/problem+json')
  t.equal(response.headers.get('cache-control'), 'no-store')
  t.notMatch(withoutTxn(text), libraryWords, 'no library text')
  const body: unknown = JSON.parse(text)
  t.match(body, { type: `urn:gatehouse:problem:${code}`, status, code, txn: /^txn_[\w-]{22}$/ })
  return body
}

const json = { 'content-type': 'application/json' }

t.test('malformed JSON', async (t) => {
  const { url } = await serve(t, routes)
  for (const body of ['{', '{"a":}', 'null,', '{"a":1}x', '']) {
    await expectProblem(
      t,
      await fetch(`${url}/orders`, { method: 'POST', headers: json, body }),
      400,
      'malformed_json',
    )
  }
})

t.test('a body that would reach into prototypes', async (t) => {
  const { url } = await serve(t, routes)
  const body = '{"sku":"A","quantity":1,"__proto__":{"admin":true}}'
  await expectProblem(
    t,
    await fetch(`${url}/orders`, { method: 'POST', headers: json, body }),
    400,
    'malformed_json',
  )
})

t.test('another content type', async (t) => {
  const { url } = await serve(t, routes)
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'nonsense',
    'text/json',
  ]) {
    const response = await fetch(`${url}/orders`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: '{}',
    })
    await expectProblem(t, response, 415, 'unsupported_media_type')
  }
})

t.test('a body that is too large, announced or not', async (t) => {
  const { url } = await serve(t, routes, { limits: { bodyBytes: 100 } })
  const body = JSON.stringify({ sku: 'A'.repeat(200), quantity: 1 })
  await expectProblem(
    t,
    await fetch(`${url}/orders`, { method: 'POST', headers: json, body }),
    413,
    'body_too_large',
  )
  const stream = new Blob([body]).stream()
  const init = { method: 'POST', headers: json, body: stream, duplex: 'half' } as const
  await expectProblem(t, await fetch(`${url}/orders`, init), 413, 'body_too_large')
})

t.test('fields that are wrong are named in our words', async (t) => {
  const { url } = await serve(t, routes)
  const cases: readonly (readonly [unknown, string, string])[] = [
    [{ sku: 'A' }, '/quantity', 'is required'],
    [{ sku: 'A', quantity: '5' }, '/quantity', 'must be of type integer'],
    [{ sku: 'A', quantity: 0 }, '/quantity', 'must be at least 1'],
    [{ sku: 'a', quantity: 1 }, '/sku', 'does not have the expected form'],
    [{ sku: 'A', quantity: 1, price: 0 }, '/price', 'is not known'],
    [{ sku: 'A', quantity: 1, 'a/~b': 0 }, '/a~1~0b', 'is not known'],
    [[], '', 'must be of type object'],
  ]
  for (const [input, path, message] of cases) {
    const response = await fetch(`${url}/orders`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify(input),
    })
    t.match(await expectProblem(t, response, 422, 'validation_failed'), { errors: [{ path, message }] })
  }
})

t.test('parameters that are wrong', async (t) => {
  const { url } = await serve(t, routes)
  const body = await expectProblem(t, await fetch(`${url}/orders?page=x`), 400, 'invalid_request')
  t.match(body, { errors: [{ in: 'query', path: '/page', message: 'does not have the expected form' }] })
})

t.test('nothing there: path, method, undecodable path, endless parameter', async (t) => {
  const { url } = await serve(t, (app) => {
    routes(app)
    app.get('/things/:id', () => 'thing')
  })
  t.notMatch(await expectProblem(t, await fetch(`${url}/secret-path`), 404, 'not_found'), { detail: /./ })
  await expectProblem(t, await fetch(`${url}/orders`, { method: 'DELETE' }), 404, 'not_found')
  await expectProblem(t, await fetch(`${url}/things/%zz`), 400, 'invalid_path')
  await expectProblem(t, await fetch(`${url}/things/${'x'.repeat(500)}`), 414, 'uri_too_long')
})

t.test('a fault of ours is logged with its stack and told without', async (t) => {
  const { url, logged } = await serve(t, routes)
  const body = await expectProblem(t, await fetch(`${url}/crash`), 500, 'internal_error')
  t.notMatch(JSON.stringify(body), /hunter2|database/)
  t.match(logged.at(-1), { level: 'error', txn: /^txn_/, err: { stack: /http-errors\.test\.ts/ } })
})

t.test('a problem carries its headers and detail', async (t) => {
  const { url } = await serve(t, routes)
  const response = await fetch(`${url}/problem`)
  t.equal(response.headers.get('retry-after'), '7')
  t.match(await expectProblem(t, response, 429, 'rate_limited'), { detail: 'slow down' })
})

t.test('a lost store is 503 with Retry-After, and logged', async (t) => {
  const { url, logged } = await serve(t, routes)
  const response = await fetch(`${url}/store`)
  t.equal(response.headers.get('retry-after'), '1')
  await expectProblem(t, response, 503, 'store_unavailable')
  t.match(logged.at(-1), { level: 'error', err: { code: 'SQLITE_BUSY' } })
})

t.test('a status that no code stands for becomes an internal error', async (t) => {
  const { url } = await serve(t, routes)
  await expectProblem(t, await fetch(`${url}/teapot`), 500, 'internal_error')
})
