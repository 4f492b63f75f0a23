import t, { type Test } from 'tap'
import { startContractRig } from './contract-rig.ts'
import type { Rig } from './rig.ts'

const size = { type: 'object', required: ['size'], properties: { size: { type: 'integer', maximum: 9 } } }
const tree = { type: 'object', properties: { ...size.properties, in: { $ref: '#/components/schemas/Tree' } } }
const byTree = { 'application/json': { schema: { $ref: '#/components/schemas/Tree' } } }
const document = {
  openapi: '3.1.0',
  info: { title: 'things', version: '1' },
  paths: {
    '/things': {
      get: {
        parameters: [
          { name: 'page', in: 'query', schema: { type: 'integer', maximum: 9 } },
          { name: 'by', in: 'query', content: byTree },
          { name: 'name', in: 'query', schema: { type: 'string', maxLength: 4, pattern: '^[^%/]*$' } },
          { name: 'X-Kind', in: 'header', required: true, schema: { enum: ['small', 'large'] } },
        ],
      },
      put: { requestBody: { required: true, content: { 'application/json': { schema: size } } } },
      post: { requestBody: { required: true, content: { '*/*': { schema: size } } } },
    },
  },
  components: { schemas: { Tree: tree } },
}

function rigWith(t: Test): Promise<Rig> {
  return startContractRig(t, document, ['match: { path: /things, methods: [GET, PUT, POST] }'])
}

const path = '/things'
const headers = { 'x-kind': 'small' }

t.test('HEAD is held to what GET is held to, where the route names GET alone', async (t) => {
  const rig = await rigWith(t)
  t.equal((await rig.call({ method: 'HEAD', path: `${path}?page=9`, headers })).status, 200)
  rig.services.orders.only()
  t.equal((await rig.call({ method: 'HEAD', path: `${path}?page=10`, headers })).status, 422)
  t.equal((await rig.call({ method: 'HEAD', path: `${path}?other=1`, headers })).status, 422)
  t.equal((await rig.call({ method: 'HEAD', path })).status, 422)
  t.equal(rig.reached(), 0)
})

t.test('a parameter in JSON names nothing twice and nests no deeper than a body may', async (t) => {
  const rig = await rigWith(t)
  const by = (text: string) => rig.call({ path: `${path}?by=${text}`, headers })
  t.equal((await by('{"in":{"size":1}}')).status, 200)
  rig.services.orders.only()
  t.equal((await by('{"size":99,"size":1}')).status, 422)
  t.equal((await by(`${'{"in":'.repeat(100)}{}${'}'.repeat(100)}`)).status, 422)
  t.equal(rig.reached(), 0)
})

t.test('JSON is UTF-8, whatever its type says', async (t) => {
  const rig = await rigWith(t)
  const put = (parameters: string, body: string) => {
    const type = { 'content-type': `application/json${parameters}` }
    return rig.call({ method: 'PUT', path, headers: type, body })
  }
  for (const same of ['', '; charset=utf-8', ';charset="UTF-8"', '; Charset = utf8 ; version=1']) {
    t.equal((await put(same, '{"size":1}')).status, 200, same)
    rig.services.orders.only()
  }
  // To who reads UTF-7, `size` is 99.
  const body = '{"size":1,"x":"+ACIALAAi-size+ACI-:99,+ACI-y+ACI-:+ACI-"}'
  for (const other of ['utf-7', '"UTF-7"', 'utf-16le', 'ibm037', 'utf-8; charset=utf-7', '"utf-8;"', ''])
    t.equal((await put(`; charset=${other}`, body)).status, 415, other)
  t.equal((await put('\t;\tcharset=utf-7', body)).status, 415)
  t.equal(rig.reached(), 0)
})

t.test('a header that ends at the door is not one that the service needs', async (t) => {
  const rig = await rigWith(t)
  t.equal((await rig.call({ path, headers: { ...headers, connection: 'close, accept' } })).status, 200)
  t.match(rig.services.orders.only().headers, headers)
  for (const connection of ['x-kind', 'close, X-Kind'])
    t.equal((await rig.call({ path, headers: { ...headers, connection } })).status, 422, connection)
  t.equal(rig.reached(), 0)
})

t.test('JSON is looked into where it is taken as one of several types', async (t) => {
  const rig = await rigWith(t)
  const post = (type: string, body: string) =>
    rig.call({ method: 'POST', path, headers: { 'content-type': type }, body })
  t.equal((await post('application/json', '{"size":1}')).status, 200)
  rig.services.orders.only()
  t.equal((await post('text/plain', '{"size":99}')).status, 200, 'other types pass unread')
  rig.services.orders.only()
  t.equal((await post('application/json', '{"size":99}')).status, 422)
  t.equal((await post('application/thing+json', '{"size":99}')).status, 422)
  t.equal((await post('application/json', '{"size":1,"size":99}')).status, 400)
  t.equal((await post('application/json; charset=utf-7', '{"size":1}')).status, 415)
  t.equal(rig.reached(), 0)
})

t.test('a query that readers decode in different ways is refused', async (t) => {
  const rig = await rigWith(t)
  const ask = (name: string) => rig.call({ path: `${path}?name=${name}`, headers })
  for (const good of ['', 'caf%C3%A9', 'a+b', '%41%20b']) {
    t.equal((await ask(good)).status, 200, good)
    rig.services.orders.only()
  }
  // To some a sign that stands for what cannot be read, to some `/`, to some what is written.
  for (const bad of ['%c0%af', '%ff%ff%ff%ff', '%ED%A0%80', 'a&page=%ff'])
    t.match(await ask(bad), { status: 422, json: { code: 'validation_failed' } }, bad)
  for (const broken of ['%', '%zz', '%u002f']) t.equal((await ask(broken)).status, 422, broken)
  t.equal(rig.reached(), 0)
})
