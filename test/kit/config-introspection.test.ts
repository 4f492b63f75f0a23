import t from 'tap'
import { faultsOf, load, validRoute, withRoute } from './config-load.ts'

const route = withRoute(...validRoute)
const secret = 'clientSecret: 0123456789abcdef'

function faults(introspection: string, env: Readonly<Record<string, string>> = {}) {
  const text = `gateway: { introspection: ${introspection} }\n${route}`
  return faultsOf(text, env).map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`)
}

t.test('without a word opaque tokens are refused', async (t) => {
  t.equal(load(route).gateway.introspection, undefined)
  t.strictSame(load(`gateway: { introspection: { endpoint: issuer } }\n${route}`).gateway.introspection, {
    foreign: undefined,
    timeoutMs: 2_000,
    cacheMs: 10_000,
  })
})

t.test('who is asked, and as whom', async (t) => {
  t.match(faults('{}'), [/^1:27 .*'endpoint' is missing/])
  t.match(faults('{ endpoint: isuer }'), [/endpoint/])
  t.match(faults('{ endpoint: issuer, clientId: x }'), [
    /^1:47 .*clientId has no meaning with 'endpoint: issuer'$/,
  ])
  t.match(faults('{ endpoint: https://other.example/introspect }'), [
    /'issuer' is/,
    /'clientId' is/,
    /'clientSecret' is/,
  ])
  const plain = `{ endpoint: http://other.example/i, issuer: https://other.example, clientId: x, ${secret} }`
  t.ok(faults(plain, { NODE_ENV: 'production' }).some((fault) => /endpoint is plain http/.test(fault)))
})
