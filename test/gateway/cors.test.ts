import t from 'tap'
import { faultsOf, withRoute, validRoute } from '../kit/config-load.ts'
import { startRig } from './rig.ts'

const origin = 'https://app.example.com'
const cors = `cors: { origins: ['${origin}'], headers: [Authorization, X-Tag], expose: [ETag], maxAge: 1h }`

t.test('a page of an origin that is written down may read answers and problems', async (t) => {
  const rig = await startRig(t, { config: `routes: [{ id: users.me, ${cors} }]` })
  rig.services.users.answer = (_request, response) =>
    void response.writeHead(200, { vary: 'accept-language', etag: '"1"' }).end('{}')
  const good = await rig.call({ path: '/api/users/me', headers: { origin } })
  t.match(good.headers, { 'access-control-allow-origin': origin, 'access-control-expose-headers': 'etag' })
  t.equal(good.headers['access-control-allow-credentials'], undefined, 'not without being asked to')
  t.equal(good.headers.vary, 'accept-language, origin')
  const bad = await rig.call({ path: '/api/users/me', headers: { origin }, token: null })
  t.match(bad, { status: 401, headers: { 'access-control-allow-origin': origin } })
})

t.test('the gateway answers preflights', async (t) => {
  const rig = await startRig(t, { config: `routes: [{ id: users.me, ${cors} }]` })
  const headers = {
    origin,
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'authorization,x-tag',
  }
  const answer = await rig.call({ method: 'OPTIONS', path: '/api/users/me', headers, token: null })
  t.match(answer, {
    status: 204,
    text: '',
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': 'authorization, x-tag',
      'access-control-max-age': '3600',
      vary: 'origin',
    },
  })
  t.equal(rig.reached(), 0)
})

t.test('only exact origins can be written', async (t) => {
  for (const wrong of ['*', 'null', 'https://*.example.com', 'https://app.example.com/x', 'example.com']) {
    const faults = faultsOf(withRoute(...validRoute, `cors: { origins: ['${wrong}'] }`))
    t.match(faults, [{ path: 'routes[0].cors.origins[0]', line: Number }], wrong)
  }
  const through = withRoute(...validRoute, 'headers: { response: [Access-Control-Allow-Origin] }')
  t.match(faultsOf(through), [{ message: /never forwarded/ }])
})
