import t from 'tap'
import { faultsOf, load, validRoute, withRoute } from './config-load.ts'

const production = { NODE_ENV: 'production' }
const secure = `issuer: https://id.example.com
gateway: { origin: 'https://api.example.com' }
`

t.test('production refuses plain http, written or by default', async (t) => {
  const written = `issuer: http://id.example.com\ngateway: { origin: 'http://api.example.com' }\n`
  t.match(faultsOf(written + withRoute(...validRoute), production), [
    { line: 1, column: 9, path: 'issuer', message: /is plain http, which production refuses/ },
    { line: 2, column: 20, path: 'gateway.origin', message: /name the proxy .* gateway\.trustedProxies/ },
  ])
  t.match(faultsOf(withRoute(...validRoute), production), [
    { path: 'issuer', message: /its default is plain http/ },
    { path: 'gateway.origin' },
  ])
})

t.test('production takes https, or plain http behind a named proxy', async (t) => {
  t.equal(load(secure + withRoute(...validRoute), production).gateway.origin, 'https://api.example.com')
  const behind = `issuer: http://id.example.com
gateway: { origin: 'http://api.example.com', trustedProxies: [10.0.0.0/8] }
idp: { trustedProxies: [10.0.0.1] }
`
  t.strictSame(load(behind + withRoute(...validRoute), production).gateway.trustedProxies, ['10.0.0.0/8'])
})

t.test('production makes no demo users', async (t) => {
  t.equal(load(secure + withRoute(...validRoute), production).idp.demo, false)
  t.match(faultsOf(`${secure}idp: { demo: true }\n${withRoute(...validRoute)}`, production), [
    { line: 3, column: 14, path: 'idp.demo', message: /refused in production/ },
  ])
})
