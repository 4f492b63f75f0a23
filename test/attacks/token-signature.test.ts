import t from 'tap'
import { ecdsa } from '../gateway/fake-issuer.ts'
import { invalidToken, refused } from '../gateway/refused.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const { issuer } = rig
const path = '/api/orders'
/** The order of P-256. */
const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

function parts(token: string): { readonly input: string; readonly signature: Buffer } {
  const dot = token.lastIndexOf('.')
  return { input: token.slice(0, dot), signature: Buffer.from(token.slice(dot + 1), 'base64url') }
}

/** The second signature that verifies: (r, n − s). */
function twin(token: string): string {
  const { input, signature } = parts(token)
  const s = n - BigInt(`0x${signature.subarray(32).toString('hex')}`)
  const half = Buffer.from(s.toString(16).padStart(64, '0'), 'hex')
  return `${input}.${Buffer.concat([signature.subarray(0, 32), half]).toString('base64url')}`
}

t.test('signatures that are none', async (t) => {
  const { input, signature } = parts(issuer.token())
  const zero = Buffer.alloc(32)
  const order = Buffer.from(n.toString(16), 'hex')
  const cases: Readonly<Record<string, Buffer>> = {
    'r = s = 0': Buffer.alloc(64),
    'r = 0': Buffer.concat([zero, signature.subarray(32)]),
    's = 0': Buffer.concat([signature.subarray(0, 32), zero]),
    'r = s = n': Buffer.concat([order, order]),
    DER: ecdsa(input, issuer.key.privateKey, 'der'),
    'a byte less': signature.subarray(0, 63),
    'a byte more': Buffer.concat([signature, Buffer.alloc(1)]),
    'one bit changed': Buffer.concat([signature.subarray(0, 63), Buffer.from([(signature[63] ?? 0) ^ 1])]),
  }
  for (const [what, bytes] of Object.entries(cases)) {
    await refused(t, rig, what, { path, token: `${input}.${bytes.toString('base64url')}` }, invalidToken)
  }
  await refused(
    t,
    rig,
    'of another token',
    { path, token: `${parts(issuer.token()).input}.${signature.toString('base64url')}` },
    invalidToken,
  )
})

t.test('a token has one text, but for its twin', async (t) => {
  const token = issuer.token()
  const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const spare = last[last.indexOf(token.at(-1) ?? '') ^ 1] ?? ''
  await refused(t, rig, 'spare bits', { path, token: token.slice(0, -1) + spare }, invalidToken)
  await refused(t, rig, 'a fourth part', { path, token: `${token}.x` }, invalidToken)
  await refused(t, rig, 'two parts', { path, token: parts(token).input }, invalidToken)
  await refused(t, rig, 'padding', { path, token: `${token}==` }, invalidToken)
  t.equal(
    (await rig.call({ path, token: twin(token) })).status,
    200,
    'the twin verifies, as the mathematics wants it',
  )
})

t.test('what is taken away is taken away in every text', async (t) => {
  const token = issuer.token({ sid: 'sid-gone' })
  t.equal((await rig.call({ path, token })).status, 200)
  const logout = issuer.sign(
    JSON.stringify({ alg: 'ES256', kid: issuer.key.kid, typ: 'logout+jwt' }),
    JSON.stringify({
      ...issuer.claims({ aud: 'gateway', sid: 'sid-gone', scope: undefined, roles: undefined }),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    }),
  )
  const answer = await rig.call({
    method: 'POST',
    path: '/auth/backchannel-logout',
    token: null,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `logout_token=${logout}`,
  })
  t.equal(answer.status, 200, answer.text)
  await refused(t, rig, 'as it was', { path, token }, invalidToken)
  await refused(t, rig, 'its twin', { path, token: twin(token) }, invalidToken)
  t.equal((await rig.call({ path })).status, 200, 'another session goes on')
})
