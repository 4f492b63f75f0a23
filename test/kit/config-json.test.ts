import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { root } from '../harness/sources.ts'
import { faultsOf, load, upstream, validRoute, withRoute } from './config-load.ts'

const valid = withRoute(...validRoute)
const asJson = (yaml: string): string => JSON.stringify(parse(yaml), null, 2)

t.test('a file of JSON means what it means as YAML', async (t) => {
  t.strictSame(load(asJson(valid)), load(valid))
  const own = readFileSync(join(root, 'gatehouse.yaml'), 'utf8').replaceAll('./', `${root}/`)
  t.strictSame(load(asJson(own)), load(own), "the house's own, with references to ports and files")
  t.strictSame(load(`\n  ${asJson(valid)}\n`), load(valid), 'with space around it')
})

t.test('its faults have their places', async (t) => {
  const text = asJson(valid).replace('"authn"', '"auth"')
  const line = text.split('\n').findIndex((one) => one.includes('"auth"')) + 1
  const fault = faultsOf(text).find(({ path }) => path === 'routes[0].auth')
  t.match(fault, { line, column: 7, message: /did you mean 'authn'/ })
  t.match(faultsOf(asJson(valid).replace('/things', '${env:NO_SUCH}')), [
    { path: 'routes[0].match.path', message: /NO_SUCH is not set/ },
  ])
})

t.test('a name that is there twice is a fault, as in YAML', async (t) => {
  const twice = asJson(valid).replace(
    '"upstreams"',
    '"issuer": "http://a", "\\u0069ssuer": "http://b", "upstreams"',
  )
  t.match(faultsOf(twice), [{ message: /unique/ }])
  // An object of JSON.parse would have its prototype changed by it, or hide it.
  const proto = asJson(valid).replace('"upstreams"', '"__proto__": {}, "upstreams"')
  t.match(faultsOf(proto), [{ path: '__proto__', message: /unknown key/ }])
})

t.test('what nests too deeply, and what is YAML after all', async (t) => {
  const deep = `{"routes": ${'['.repeat(200)}${']'.repeat(200)}}`
  t.ok(
    faultsOf(deep).some(({ message }) => message.includes('too deeply')),
    'not a fault of the stack',
  )
  const flow = `{ ${upstream.join(' ').replace('upstreams:', 'upstreams: {')} }, routes: [] } # YAML`
  t.match(faultsOf(flow), [{ path: 'routes', message: /is empty/ }])
})
