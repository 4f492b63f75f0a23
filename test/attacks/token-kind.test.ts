import t from 'tap'
import { internalToken } from '../gateway/internal-tokens.ts'
import { invalidToken, refused } from '../gateway/refused.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const { issuer } = rig
const path = '/api/orders'

/** Every other thing that the issuer signs, or that somebody signs for it, told apart by `typ` (RFC 8725 section 3.11). */
const kinds: Readonly<Record<string, unknown>> = {
  'ID token': 'JWT',
  'ID token without typ': undefined,
  'logout token': 'logout+jwt',
  'internal token': 'internal+jwt',
  'security event': 'secevent+jwt',
  'client assertion': 'client-authentication+jwt',
  'DPoP proof': 'dpop+jwt',
  'introspection answer': 'token-introspection+jwt',
  'request object': 'oauth-authz-req+jwt',
  'something like it': 'xat+jwt',
  'more than it': 'at+jwt;v=1',
  'a list': ['at+jwt'],
}

t.test('no other kind passes for an access token', async (t) => {
  for (const [kind, typ] of Object.entries(kinds)) {
    await refused(t, rig, kind, { path, token: issuer.token({}, { typ }) }, invalidToken)
  }
  await refused(t, rig, 'an opaque refresh token', { path, token: 'Zm9vYmFyYmF6' }, invalidToken)
  await refused(
    t,
    rig,
    'an internal token of our own',
    { path, token: await internalToken(rig) },
    invalidToken,
  )
})

t.test('an access token is one in any of the ways to write its type', async (t) => {
  for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt']) {
    t.equal((await rig.call({ path, token: issuer.token({}, { typ }) })).status, 200, typ)
  }
})

t.test('no other kind passes for an internal token', async (t) => {
  const before = rig.reached()
  for (const [kind, typ] of [...Object.entries(kinds), ['access token', 'at+jwt'] as const]) {
    const token = issuer.token({ aud: 'orders' }, { typ })
    const answer = await rig.inside('orders', {
      path: '/inventory/x',
      headers: { authorization: `Bearer ${token}` },
    })
    t.same([answer.status, answer.json['code']], [...invalidToken], kind)
  }
  t.equal(rig.reached(), before)
})
