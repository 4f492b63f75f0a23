import t from 'tap'
import { startContractRig } from './contract-rig.ts'

const word = { enum: ['a', 'b', 'a,b', 'a b', 'é'] }
const list = { type: 'array', items: word, maxItems: 2 }
const pair = { type: 'object', properties: { x: word, y: word }, additionalProperties: false }
const query = (name: string, schema: object, style = 'form') => ({
  name,
  in: 'query',
  style,
  explode: false,
  schema,
})
const inPath = (name: string, schema: object, explode = false) => ({
  name,
  in: 'path',
  required: true,
  explode,
  schema,
})

const document = {
  openapi: '3.1.0',
  info: { title: 'lists', version: '1' },
  paths: {
    '/v1/query': {
      get: {
        parameters: [
          query('form', list),
          query('pair', pair),
          query('spaced', list, 'spaceDelimited'),
          query('piped', list, 'pipeDelimited'),
          query('pipes', pair, 'pipeDelimited'),
        ],
      },
    },
    '/v1/list/{key}': { get: { parameters: [inPath('key', list)] } },
    '/v1/pair/{key}': { get: { parameters: [inPath('key', pair)] } },
    '/v1/named/{key}': { get: { parameters: [inPath('key', pair, true)] } },
  },
}

const cases = {
  200: [
    '/v1/list/a,b',
    '/v1/list/a%2Cb',
    '/v1/list/a%2Cb,%C3%A9',
    '/v1/list/a%20b,a',
    '/v1/pair/x,a%2Cb,y,b',
    '/v1/named/x=a%2Cb,y=b',
    '/v1/query?form=a,b',
    '/v1/query?form=a%2Cb',
    '/v1/query?form=a%2cb,%C3%A9',
    '/v1/query?pair=x,a&form=a+b,a%20b',
    '/v1/query?&f%6Frm=a,b',
    '/v1/query?pair=x,a%2Cb,y,b',
    '/v1/query?spaced=a%20b',
    '/v1/query?spaced=a+a%2Cb',
    '/v1/query?piped=a|b',
    '/v1/query?piped=a%7Ca,b',
    '/v1/query?pipes=x%7Ca,b%7Cy|b',
  ],
  422: [
    '/v1/list/a,b,a',
    '/v1/list/a,c',
    '/v1/list/a%2Ca',
    '/v1/pair/x,a,b',
    '/v1/pair/x%2Ca',
    '/v1/named/x=a,z=a',
    '/v1/named/x%3Da',
    '/v1/query?form=a,b,a',
    '/v1/query?form=a%2Ca',
    '/v1/query?form=a&form=b',
    '/v1/query?pair=x%2Ca',
    '/v1/query?form',
    '/v1/query??form=a',
    '/v1/query?form=',
    '/v1/query?spaced=a%20b%20a',
    '/v1/query?piped=a%7Cb|a',
  ],
}

t.test('what is encoded is no comma between items (OpenAPI 3.1 section 4.8.12, RFC 6570)', async (t) => {
  for (const route of ['query', 'list/:id', 'pair/:id', 'named/:id']) {
    const rig = await startContractRig(t, document, [`match: { path: /v1/${route}, methods: [GET] }`])
    for (const [status, paths] of Object.entries(cases)) {
      for (const path of paths.filter((one) => one.startsWith(`/v1/${route.replace(':id', '')}`)))
        t.equal((await rig.call({ path })).status, Number(status), path)
    }
  }
})
