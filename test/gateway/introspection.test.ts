import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { jwtParts } from '../harness/json.ts'
import { FakeIntrospection } from './fake-introspection.ts'
import { invalidToken, refused } from './refused.ts'
import { startRig, type RigOptions } from './rig.ts'

const path = '/api/orders'
const token = 'opaque-token-that-says-nothing'

async function start(t: Test, options: Omit<RigOptions, 'config'> = {}) {
  const endpoint = await FakeIntrospection.start(t)
  const rig = await startRig(t, { config: `gateway: { ${endpoint.config} }`, ...options })
  return { endpoint, rig }
}

t.test('an opaque token is asked about once, and then known for a while', async (t) => {
  const { endpoint, rig } = await start(t)
  endpoint.known.set(token, endpoint.claims({ sid: 'login-1', roles: ['customer'] }))
  t.equal((await rig.call({ path, token })).status, 200)
  const inside = String(rig.services.orders.only().headers.authorization).slice('Bearer '.length)
  t.match(jwtParts(inside).payload, {
    sub: 'acc-eve',
    client_id: 'other-app',
    scope: 'orders:read',
    sid: 'login-1',
  })
  const basic = Buffer.from('gate:0123456789secret').toString('base64')
  t.match(endpoint.asked, [{ token, authorization: `Basic ${basic}` }])
  t.equal((await rig.call({ path, token })).status, 200)
  t.equal(endpoint.asked.length, 1)
  rig.clock.advance(10_001)
  t.equal((await rig.call({ path, token })).status, 200)
  t.equal(endpoint.asked.length, 2)
  t.equal((await rig.call({ path })).status, 200, 'a JWT is a JWT')
  await refused(t, rig, 'as is one that is not good', { path, token: 'a.b.c' }, invalidToken)
  t.equal(endpoint.asked.length, 2, 'and nobody is asked about it')
  t.notMatch(JSON.stringify(rig.log.lines), token)
})

t.test('what is not an access token of that issuer for us is refused', async (t) => {
  const { endpoint, rig } = await start(t)
  const now = Math.floor(Date.now() / 1000)
  const cases: Readonly<Record<string, object>> = {
    inactive: { active: false },
    'another audience': { aud: 'urn:other:api' },
    'no audience': { aud: undefined },
    'another issuer': { iss: 'https://evil.example' },
    expired: { exp: now - 10 },
    'without an end': { exp: undefined },
    'not valid yet': { nbf: now + 60 },
    'a refresh token': { token_type: 'refresh_token' },
    'a subject that is none': { sub: { name: 'x' } },
    'a binding that nobody knows': { cnf: { kid: 'x' } },
    'bound to a key': { cnf: { jkt: 'x'.repeat(43) } },
    'bound to a key that is not told': { token_type: 'DPoP' },
  }
  for (const [what, changes] of Object.entries(cases)) {
    endpoint.known.set(what.replaceAll(' ', '-'), endpoint.claims(changes))
    await refused(t, rig, what, { path, token: what.replaceAll(' ', '-') }, invalidToken)
  }
  endpoint.known.set('narrow', endpoint.claims({ scope: 'users:read' }))
  await refused(t, rig, 'scope', { path, token: 'narrow' }, [403, 'insufficient_scope'])
  const asked = endpoint.asked.length
  await refused(t, rig, 'bad answers are not kept', { path, token: 'inactive' }, invalidToken)
  t.equal(endpoint.asked.length, asked + 1)
})

t.test('nobody lives longer than the token', async (t) => {
  const { endpoint, rig } = await start(t)
  const now = Math.floor(Date.now() / 1000)
  endpoint.known.set(token, endpoint.claims({ exp: now + 5 }))
  t.equal((await rig.call({ path, token })).status, 200)
  rig.clock.advance(8_000)
  await refused(t, rig, 'within the time of the cache', { path, token }, invalidToken)
})

t.test('without an answer it is not the token that is bad', async (t) => {
  const { endpoint, rig } = await start(t, { failedAuthentications: 1 })
  endpoint.known.set(token, endpoint.claims())
  const failures = {
    'an error': (response: ServerResponse) => void response.writeHead(500).end(),
    'our secret is refused': (response: ServerResponse) =>
      void response
        .writeHead(401, { 'www-authenticate': 'Basic realm="x"' })
        .end('{"error":"invalid_client"}'),
    garbage: (response: ServerResponse) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end('{"active":'),
    'active in a word': (response: ServerResponse) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end('{"active":"true"}'),
    'a page': (response: ServerResponse) =>
      void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>active'),
    silence: () => undefined,
    'a redirect': (response: ServerResponse) =>
      void response.writeHead(302, { location: 'http://localhost:1/' }).end(),
  }
  for (const [what, instead] of Object.entries(failures)) {
    endpoint.instead = instead
    const answer = await refused(t, rig, what, { path, token }, [503, 'upstream_unavailable'])
    t.equal(answer.headers['retry-after'], '1')
  }
  endpoint.instead = undefined
  t.equal((await rig.call({ path, token })).status, 200, 'nothing of it was kept')
  endpoint.instead = (response) => void response.destroy()
  t.equal((await rig.call({ path, token })).status, 200, 'who is known goes on')
})

t.test('many who wait for the same answer ask once', async (t) => {
  const { endpoint, rig } = await start(t)
  endpoint.known.set(token, endpoint.claims())
  const answers = await Promise.all(Array.from({ length: 20 }, () => rig.call({ path, token })))
  t.ok(answers.every(({ status }) => status === 200))
  t.equal(endpoint.asked.length, 1)
})

t.test('who guesses is stopped before anybody is asked', async (t) => {
  const { endpoint, rig } = await start(t, { failedAuthentications: 5 })
  for (let n = 0; n < 5; n++) await refused(t, rig, 'a guess', { path, token: `guess-${n}` }, invalidToken)
  await refused(t, rig, 'one more', { path, token: 'guess-5' }, [429, 'rate_limited'])
  t.equal(endpoint.asked.length, 5)
})

t.test('without introspection an opaque token is a bad one', async (t) => {
  const rig = await startRig(t)
  await refused(t, rig, 'opaque', { path, token }, invalidToken)
  t.strictSame(rig.issuer.otherRequests, [])
})
