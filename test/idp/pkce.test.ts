import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { authorizeUrl, newCode, newPkce, outcome, tokenRequest } from './native.ts'
import { locationOf, Person } from './person.ts'

t.test('no code without PKCE S256', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer, gateway } = platform.config
  const person = new Person()
  for (const [what, changes] of [
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['plain', { code_challenge_method: 'plain' }],
    ['no method, which would mean plain', { code_challenge_method: undefined }],
    ['method without challenge', { code_challenge: undefined }],
    ['too short', { code_challenge: 'abc' }],
    [
      'confidential client too',
      {
        client_id: 'gateway',
        redirect_uri: `${gateway.origin}/auth/callback`,
        code_challenge: undefined,
        code_challenge_method: undefined,
      },
    ],
  ] as const) {
    const seen = await person.open(authorizeUrl(issuer, newPkce(), changes))
    t.equal(seen.status, 303, what)
    const { searchParams } = locationOf(seen)
    t.equal(searchParams.get('error'), 'invalid_request', what)
    t.equal(searchParams.get('iss'), issuer, 'errors name the issuer too (RFC 9207)')
    t.notOk(searchParams.has('code'))
  }
})

t.test('the verifier must be the one of the challenge', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const { params } = await newCode(platform)
  const { code_verifier: verifier, ...without } = params
  const redeem = async (more: Record<string, string>) =>
    outcome(await tokenRequest(issuer, { ...without, ...more }))
  t.equal(await redeem({}), '400 invalid_grant', 'missing')
  t.equal(await redeem({ code_verifier: newPkce().verifier }), '400 invalid_grant', 'wrong')
  t.equal(await redeem({ code_verifier: '' }), '400 invalid_grant', 'empty')
  t.equal(
    await redeem({ code_verifier: `${verifier}`, redirect_uri: 'http://127.0.0.1:1/callback' }),
    '400 invalid_grant',
    'another redirect URI',
  )
  t.equal(await redeem({ code_verifier: `${verifier}` }), '200', 'the code was not spent by these')
})
