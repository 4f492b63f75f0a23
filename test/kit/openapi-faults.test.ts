import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dir, faultsOf, load, validRoute, withRoute } from './config-load.ts'

const head = 'openapi: 3.1.0\ninfo: { title: x, version: "1" }\n'
const get = '      responses: {}\n'

/** What the configuration says about a route whose contract is this text. */
function faults(text: string, contract = 'things.yaml'): readonly string[] {
  writeFileSync(join(dir, 'things.yaml'), text)
  return faultsOf(withRoute(...validRoute, `contract: ${contract}`)).map(
    ({ message, line, path }) => `${line} ${path} ${message.replace(`${dir}/`, '')}`,
  )
}

t.test('a document that describes the route is taken', async (t) => {
  writeFileSync(join(dir, 'things.yaml'), `${head}paths:\n  /things:\n    get:\n${get}`)
  const [route] = load(withRoute(...validRoute, 'contract: things.yaml')).routes
  t.match(route?.contract, { file: join(dir, 'things.yaml'), text: /openapi/, operation: undefined })
})

t.test('every fault has the place in the document', async (t) => {
  const where = '8 routes[0].contract'
  t.same(faults('', 'nope.yaml'), [`${where} nope.yaml cannot be read (ENOENT)`])
  t.match(faults('a: [\n'), [/^8 routes\[0\]\.contract things\.yaml:2:1 /])
  t.same(faults('[]'), [`${where} things.yaml:1:1 is no OpenAPI document`])
  t.same(faults('info: {}\nopenapi: 2.0.0'), [
    `${where} things.yaml:2:1 is not version 3.0 or 3.1 of OpenAPI`,
  ])
  t.same(faults(`${head}paths:\n  /other: {}`), [
    `${where} things.yaml:3:1 describes no path like /things, which the route takes`,
  ])
  t.same(faults(`${head}paths:\n  /things:\n    put:\n${get}`), [
    `${where} things.yaml:4:3 describes no GET, which the route takes`,
  ])
  const refs = `${head}paths:\n  /things:\n    get:\n      parameters:\n        - $ref: `
  t.same(faults(`${refs}'#/nowhere'`), [`${where} things.yaml:7:11 '$ref' leads nowhere: #/nowhere`])
  t.match(faults(`${refs}'https://example.com/x.json'`), [
    /things\.yaml:7:11 '\$ref' leads out of the document/,
  ])
  const cookie = `${head}paths:\n  /things:\n    get:\n      parameters:\n        - { name: a, in: cookie, required: true }`
  t.match(faults(cookie), [/things\.yaml:7:11 is a cookie that must be there/])
})

t.test('a named operation', async (t) => {
  const text = `${head}paths:\n  /any:\n    get:\n      operationId: list\n    put:\n      operationId: set\n`
  t.match(faults(text, '{ document: things.yaml, operation: lits }'), [/:3:1 has no operation 'lits'/])
  t.match(faults(text, '{ document: things.yaml, operation: set }'), [/:7:5 is PUT, and the route takes GET/])
  load(withRoute(...validRoute, 'contract: { document: things.yaml, operation: list }'))
})
