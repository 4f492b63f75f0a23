import t from 'tap'
import { signInternalToken } from '@gatehouse/kit/tokens/internal'
import { gatewayKey, internalClaims, internalToken } from '../gateway/internal-tokens.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const key = await gatewayKey(rig)
const now = Math.floor(Date.now() / 1000)

async function exchange(as: string | null, form: Readonly<Record<string, string>>) {
  return rig.inside(as, {
    method: 'POST',
    path: '/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: 'inventory',
      ...form,
    }).toString(),
  })
}

t.test('nothing is to be had by exchange that was not there', async (t) => {
  const good = await internalToken(rig)
  const deep = {
    sub: 'a',
    act: {
      sub: 'b',
      act: {
        sub: 'c',
        act: { sub: 'd', act: { sub: 'e', act: { sub: 'f', act: { sub: 'g', act: { sub: 'h' } } } } },
      },
    },
  }
  const cases: readonly (readonly [
    string,
    string | null,
    Readonly<Record<string, string>>,
    number,
    string,
  ])[] = [
    ['no certificate', null, { subject_token: good }, 401, 'invalid_client'],
    [
      'more than the token has',
      'orders',
      { subject_token: good, scope: 'inventory:reserve inventory:write' },
      400,
      'invalid_scope',
    ],
    [
      'more than the edge has',
      'orders',
      { subject_token: good, scope: 'orders:write' },
      400,
      'invalid_scope',
    ],
    ['an unknown edge', 'orders', { subject_token: good, audience: 'orders' }, 400, 'invalid_target'],
    ['an unknown service', 'orders', { subject_token: good, audience: 'nobody' }, 400, 'invalid_target'],
    [
      'a token of somebody else',
      'orders',
      { subject_token: await internalToken(rig, { aud: 'users' }) },
      400,
      'invalid_grant',
    ],
    ['an access token', 'orders', { subject_token: rig.issuer.token() }, 400, 'invalid_grant'],
    [
      'a parent that is over',
      'orders',
      { subject_token: signInternalToken(internalClaims({ iat: now - 90, exp: now - 31 }), key) },
      400,
      'invalid_grant',
    ],
    [
      'past depth 8',
      'orders',
      { subject_token: await internalToken(rig, { act: deep }) },
      400,
      'invalid_grant',
    ],
    ['garbage', 'orders', { subject_token: 'x.y.z' }, 400, 'invalid_grant'],
  ]
  for (const [what, as, form, status, error] of cases) {
    const answer = await exchange(as, form)
    t.same([answer.status, answer.json], [status, { error }], what)
    t.equal(answer.headers['cache-control'], 'no-store')
  }
  t.equal(rig.reached(), 0)
})
