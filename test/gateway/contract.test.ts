import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { heardWithin, sendRaw } from './client.ts'
import { startContractRig } from './contract-rig.ts'
import type { Rig } from './rig.ts'

const thing = {
  type: 'object',
  required: ['id', 'name', 'size'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', readOnly: true },
    name: { type: 'string', minLength: 1, nullable: true },
    size: { type: 'integer', minimum: 0, exclusiveMinimum: true },
    tags: { type: 'array', items: { type: 'string' } },
  },
}
const document = {
  openapi: '3.0.3',
  info: { title: 'things', version: '1' },
  servers: [{ url: 'https://things.internal/v1' }],
  paths: {
    '/things/{key}': {
      parameters: [{ $ref: '#/components/parameters/Key' }],
      get: {
        operationId: 'read',
        parameters: [
          { name: 'page', in: 'query', schema: { type: 'integer', minimum: 1 } },
          { name: 'ids', in: 'query', schema: { type: 'array', items: { type: 'integer' }, maxItems: 2 } },
          {
            name: 'by',
            in: 'query',
            style: 'deepObject',
            schema: { type: 'object', properties: { size: { type: 'integer' } } },
          },
          { name: 'X-Kind', in: 'header', required: true, schema: { enum: ['small', 'large'] } },
        ],
      },
      put: {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } }, 'text/csv': {} },
        },
      },
    },
  },
  components: {
    parameters: { Key: { name: 'key', in: 'path', required: true, schema: { type: 'integer' } } },
    schemas: { Thing: thing },
  },
}

function rigWith(t: Test): Promise<Rig> {
  return startContractRig(t, document, [
    "match: { path: '/v1/things/:id', methods: [GET, HEAD, PUT] }",
    'limits: { body: 1KiB }',
  ])
}

const good = { name: 'oak', size: 1 }

t.test('what fits goes on as it came', async (t) => {
  const rig = await rigWith(t)
  const headers = { 'x-kind': 'small' }
  for (const path of ['/v1/things/7', '/v1/things/7?page=2&ids=1&ids=2&by%5Bsize%5D=3']) {
    t.equal((await rig.call({ path, headers })).status, 200, path)
    t.equal(rig.services.orders.only().path, path)
  }
  t.equal((await rig.call({ method: 'HEAD', path: '/v1/things/7', headers })).status, 200)
  rig.services.orders.only()
  const written = '{ "size":\t1,\n"name": null}'
  const json = { 'content-type': 'Application/JSON; charset=utf-8' }
  t.equal((await put(rig, written, json)).status, 200)
  t.equal(rig.services.orders.only().body, written, 'byte for byte')
  t.equal((await put(rig, written, { ...json, 'transfer-encoding': 'chunked' })).status, 200)
  t.equal(rig.services.orders.only().body, written, 'without a length as well')
  t.equal((await put(rig, 'a;b', { 'content-type': 'text/csv' })).status, 200, 'only JSON is looked into')
  t.equal(rig.services.orders.only().body, 'a;b')
})

t.test('parameters that do not fit are refused, all faults at once', async (t) => {
  const rig = await rigWith(t)
  const answer = await rig.call({
    path: '/v1/things/x?page=0&ids=1&ids=b&ids=3&q=1',
    headers: { 'x-kind': 'huge' },
  })
  t.match(answer, { status: 422, json: { code: 'validation_failed' } })
  t.same(answer.json['errors'], [
    { in: 'path', path: '/id', message: 'must be of type integer' },
    { in: 'query', path: '/page', message: 'must be at least 1' },
    { in: 'query', path: '/ids', message: 'must have at most 2 items' },
    { in: 'query', path: '/ids/1', message: 'must be of type integer' },
    { in: 'header', path: '/x-kind', message: 'is not one of the allowed values' },
    { in: 'query', path: '/q', message: 'is not known' },
  ])
  for (const query of [
    '',
    '?page=1&page=2',
    '?page=1e3',
    '?page=0x1',
    '?by%5Bsize%5D=x',
    '?by%5Ba%5D%5Bb%5D=1',
    '?by=1',
  ]) {
    const headers = query === '' ? {} : { 'x-kind': 'small' }
    t.equal((await rig.call({ path: `/v1/things/7${query}`, headers })).status, 422, query)
  }
  t.equal(rig.reached(), 0)
})

t.test('an answer does not list as many faults as a caller can think of', async (t) => {
  const rig = await rigWith(t)
  const query = Array.from({ length: 1_000 }, (_, at) => `q${at}`).join('&')
  const answer = await rig.call({ path: `/v1/things/x?page=0&${query}`, headers: { 'x-kind': 'small' } })
  t.match(answer, { status: 422, json: { code: 'validation_failed' } })
  const { errors } = answer.json
  t.equal(Array.isArray(errors) && errors.length, 20)
  t.match(errors, [{ path: '/id' }, { path: '/page' }, { path: '/q0' }])
})

t.test('bodies that do not fit are refused', async (t) => {
  const rig = await rigWith(t)
  const json = { 'content-type': 'application/json' }
  const wrong = await put(rig, JSON.stringify({ name: '', size: 0, tags: [1], __proto__x: 1 }), json)
  t.match(wrong, { status: 422, json: { code: 'validation_failed' } })
  t.same(wrong.json['errors'], [
    { path: '/__proto__x', message: 'is not known' },
    { path: '/name', message: 'must have at least 1 characters' },
    { path: '/size', message: 'must be more than 0' },
    { path: '/tags/0', message: 'must be of type string' },
  ])
  const bytes = JSON.stringify(good)
  const cases: readonly (readonly [string, string | Buffer, Record<string, string>, number, string])[] = [
    ['cut', '{"name":', json, 400, 'malformed_json'],
    ['a name twice', '{"name":"a","size":1,"size":2}', json, 400, 'malformed_json'],
    ['a byte order mark', `\ufeff${bytes}`, json, 400, 'malformed_json'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), json, 400, 'malformed_json'],
    ['too deep', '['.repeat(400) + ']'.repeat(400), json, 400, 'malformed_json'],
    ['another type', bytes, { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['no type', bytes, {}, 415, 'unsupported_media_type'],
    [
      'a type that ends at the door',
      bytes,
      { 'content-type': 'text/csv', connection: 'close, content-type' },
      415,
      'unsupported_media_type',
    ],
    ['a coded body', gzipSync(bytes), { ...json, 'content-encoding': 'gzip' }, 415, 'unsupported_media_type'],
    ['no body', '', json, 422, 'validation_failed'],
    ['too long', `${bytes}${' '.repeat(1024)}`, json, 413, 'body_too_large'],
    [
      'too long, chunked',
      `${bytes}${' '.repeat(1024)}`,
      { ...json, 'transfer-encoding': 'chunked' },
      413,
      'body_too_large',
    ],
  ]
  for (const [what, body, headers, status, code] of cases) {
    t.match(await put(rig, body, headers), { status, json: { code } }, what)
  }
  const get = await rig.call({
    path: '/v1/things/7',
    headers: { 'x-kind': 'small', ...json, 'content-length': '2' },
    body: '{}',
  })
  t.match(get, { status: 422 }, 'a body where none is described')
  t.equal(rig.reached(), 0)
})

t.test('who may not come learns nothing of the contract', async (t) => {
  const rig = await rigWith(t)
  t.equal((await rig.call({ path: '/v1/things/x', token: null })).status, 401)
  const other = rig.issuer.token({ scope: 'other' })
  t.equal((await rig.call({ path: '/v1/things/x', token: other })).status, 403)
})

t.test('a caller that leaves, or goes on for ever, holds nothing up', async (t) => {
  const rig = await rigWith(t)
  const head = `PUT /v1/things/7 HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n`
  t.equal(await heardWithin(100, rig.port, `${head}\r\n{"name"`), '', 'the rest is waited for')
  t.match(
    await sendRaw(rig.port, `${head}expect: 100-continue\r\n\r\n`, 200),
    /^HTTP\/1\.1 100 Continue\r\n\r\n$/,
  )
  t.match((await rig.lines()).at(-1), { status: 499 })
  t.equal(rig.reached(), 0)
})

function put(rig: Rig, body: string | Buffer, headers: Record<string, string>) {
  return rig.call({ method: 'PUT', path: '/v1/things/7', body, headers })
}

const lists = (schema: object) => ({
  openapi: '3.1.0',
  info: { title: 'lists', version: '1' },
  paths: { '/v1/lists': { get: { parameters: [{ name: 'X-Kind', in: 'header', schema }] } } },
})
const listRoute = ["match: { path: '/v1/lists', methods: [GET] }"]
const statusOf = async (rig: Rig, kind: string | string[]): Promise<number> =>
  (await rig.call({ path: '/v1/lists', headers: { 'x-kind': kind } })).status

t.test(
  'a list in a header may have blanks, and be in several lines (RFC 9110 sections 5.3, 5.6.1)',
  async (t) => {
    const list = { type: 'array', items: { enum: ['small', 'large'] }, maxItems: 2 }
    const rig = await startContractRig(t, lists(list), listRoute)
    for (const kind of ['small', 'small,large', 'small, large', 'small \t,  large', ['small', 'large']])
      t.equal(await statusOf(rig, kind), 200, JSON.stringify(kind))
    for (const kind of ['small, huge', 'small,', 'small large', ['small', 'small', 'large']])
      t.equal(await statusOf(rig, kind), 422, JSON.stringify(kind))
  },
)

t.test('and so may the members of an object in one', async (t) => {
  const object = { type: 'object', properties: { size: { type: 'integer' }, age: { type: 'integer' } } }
  const rig = await startContractRig(t, lists(object), listRoute)
  t.equal(await statusOf(rig, 'size, 1, age, 2'), 200)
  t.equal(await statusOf(rig, 'size, x'), 422)
})
