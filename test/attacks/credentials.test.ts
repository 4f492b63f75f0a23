import t from 'tap'
import { sendRaw } from '../gateway/client.ts'
import { refused } from '../gateway/refused.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const path = '/api/orders'
const challenge = 'Bearer realm="gatehouse"'
const bare = `${challenge}, resource_metadata="http://${rig.host}/.well-known/oauth-protected-resource", DPoP realm="gatehouse", algs="ES256"`

t.test('no credential: a bare challenge (RFC 6750 section 3.1)', async (t) => {
  for (const headers of [
    {},
    { authorization: 'Basic ZGVtbzpkZW1v' },
    { authorization: 'Negotiate abc' },
    { authorization: 'Bearerx y' },
    { authorization: '' },
  ]) {
    const answer = await refused(t, rig, JSON.stringify(headers), { path, token: null, headers }, [
      401,
      'missing_credentials',
    ])
    t.equal(answer.headers['www-authenticate'], bare)
  }
  const query = { path: `${path}?access_token=${rig.issuer.token()}`, token: null }
  await refused(t, rig, 'a token in the query is none', query, [401, 'missing_credentials'])
})

t.test('a credential that cannot be read: 400 invalid_request', async (t) => {
  for (const authorization of [
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer a,b',
    'bearer "a"',
    'Bearer =',
    'Bearer ä',
  ]) {
    const answer = await refused(t, rig, authorization, { path, token: null, headers: { authorization } }, [
      400,
      'invalid_request',
    ])
    t.equal(answer.headers['www-authenticate'], `${challenge}, error="invalid_request"`)
  }
})

t.test('two credentials are none', async (t) => {
  const line = `authorization: Bearer ${rig.issuer.token()}\r\n`
  for (const lines of [
    line + line,
    `${line}Authorization: Basic eDp5\r\n`,
    `authorization: Basic eDp5\r\n${line}`,
  ]) {
    const answer = await sendRaw(
      rig.port,
      `GET ${path} HTTP/1.1\r\nhost: ${rig.host}\r\n${lines}connection: close\r\n\r\n`,
      2000,
    )
    t.match(answer, /^HTTP\/1\.1 400 [^]*"code":"invalid_request"/)
  }
  t.equal(rig.reached(), 0)
})

t.test('too little: 403 with what is needed', async (t) => {
  const token = rig.issuer.token({ scope: 'users:read orders:readx' })
  const answer = await refused(t, rig, 'scope', { path, token }, [403, 'insufficient_scope'])
  t.equal(answer.headers['www-authenticate'], `${challenge}, error="insufficient_scope", scope="orders:read"`)
  await refused(t, rig, 'no scope at all', { path, token: rig.issuer.token({ scope: undefined }) }, [
    403,
    'insufficient_scope',
  ])
})

t.test('a route that wants a role', async (t) => {
  const admin = await startRig(t, {
    config: 'routes:\n  - { id: orders.list, authz: { scopes: [orders:read], roles: [admin, support] } }',
  })
  for (const roles of [undefined, [], ['customer'], ['Admin'], ['admin,support']]) {
    await refused(t, admin, JSON.stringify(roles), { path, token: admin.issuer.token({ roles }) }, [
      403,
      'insufficient_role',
    ])
  }
  t.equal(
    (await admin.call({ path, token: admin.issuer.token({ roles: ['customer', 'support'] }) })).status,
    200,
  )
})

t.test('the scheme is read without regard to case', async (t) => {
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    const headers = { authorization: `${scheme} ${rig.issuer.token()}` }
    t.equal((await rig.call({ path, token: null, headers })).status, 200, scheme)
  }
})
