import { createHash, randomUUID } from 'node:crypto'
import t from 'tap'
import { assertionType } from '../assertion.ts'
import { newPkce, outcome } from '../native.ts'
import { Person } from '../person.ts'
import { clientJwks, everyAlgorithm, publicJwk, signedWith } from './signing.ts'
import { inEachSetting, redirect, type Setting } from './setting.ts'

const now = () => Math.floor(Date.now() / 1000)

/** An authorization request as an object (RFC 9101). */
function requestObject(setting: Setting, id: string, alg: string): Promise<string> {
  const claims = {
    iss: id,
    aud: setting.issuer,
    iat: now(),
    nbf: now(),
    exp: now() + 60,
    client_id: id,
    response_type: 'code',
    redirect_uri: redirect,
    scope: 'openid',
    code_challenge: newPkce().challenge,
    code_challenge_method: 'S256',
  }
  return signedWith(alg, claims, { header: { typ: 'oauth-authz-req+jwt' } })
}

t.test('request objects are taken under the algorithms that are listed', (t) =>
  inEachSetting(t, async (t, setting) => {
    const listed = setting.listed('request_object_signing_alg_values_supported')
    t.ok(listed.includes('ES256'))
    const { id } = await setting.register({ jwks: clientJwks })
    for (const alg of everyAlgorithm) {
      const request = await requestObject(setting, id, alg)
      const pushed = await setting.post('/oauth/par', { client_id: id, request })
      const expected = listed.includes(alg) ? /^201$/ : /^400 invalid_request_object$/
      t.match(await outcome(pushed), expected, `${alg} pushed`)
      const registered = await setting.tryRegister({ jwks: clientJwks, request_object_signing_alg: alg })
      t.equal(registered.status, listed.includes(alg) ? 201 : 400, `${alg} registered`)
    }
  }),
)

t.test('whether the authorization endpoint takes them by value, and by reference, is as it says', (t) =>
  inEachSetting(t, async (t, setting) => {
    const { id } = await setting.register({ jwks: clientJwks })
    const answerTo = async (params: Readonly<Record<string, string>>) => {
      const url = new URL(`${setting.issuer}/oauth/authorize`)
      const all = { client_id: id, response_type: 'code', redirect_uri: redirect, scope: 'openid', ...params }
      for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value)
      const seen = await new Person().open(url)
      const location = seen.headers.get('location') ?? ''
      return location.startsWith('/interaction/') ? 'taken' : location + seen.html
    }
    const byValue = await answerTo({ request: await requestObject(setting, id, 'ES256') })
    if (setting.metadata['request_parameter_supported'] === true) t.equal(byValue, 'taken')
    else t.match(byValue, 'request_not_supported')
    // What is registered is taken: ../certification/by-reference.test.ts. Nothing else is, anywhere.
    const registration = setting.metadata['require_request_uri_registration'] === true
    t.equal(setting.metadata['request_uri_parameter_supported'], registration)
    t.match(
      await answerTo({ request_uri: 'https://app.example/object' }),
      /invalid_request_uri|request_uri_not_supported/,
    )
  }),
)

t.test('DPoP proofs', (t) =>
  inEachSetting(t, async (t, setting) => {
    const listed = setting.listed('dpop_signing_alg_values_supported')
    t.ok(listed.includes('ES256'))
    const secret = setting.platform.credentials.clientSecret('demo-machine') ?? ''
    const authorization = `Basic ${Buffer.from(`demo-machine:${secret}`).toString('base64')}`
    const claims = { htm: 'POST', htu: `${setting.issuer}/oauth/token`, iat: now() }
    for (const alg of everyAlgorithm) {
      const header = { typ: 'dpop+jwt', jwk: publicJwk(alg), kid: undefined }
      const dpop = await signedWith(alg, { ...claims, jti: randomUUID() }, { header })
      const headers = { dpop, authorization }
      const answer = await setting.post('/oauth/token', { grant_type: 'client_credentials' }, headers)
      t.equal(await outcome(answer), listed.includes(alg) ? '200' : '400 invalid_dpop_proof', alg)
    }
  }),
)

t.test('requests of the back channel (CIBA)', (t) =>
  inEachSetting(t, async (t, setting) => {
    const listed = setting.listed('backchannel_authentication_request_signing_alg_values_supported')
    t.equal(listed.length > 0, 'backchannel_authentication_endpoint' in setting.metadata)
    if (listed.length === 0) return
    t.equal(setting.metadata['backchannel_user_code_parameter_supported'], false)
    const own = () => ({ aud: setting.issuer, iss: 'caller', iat: now(), nbf: now(), exp: now() + 60 })
    for (const alg of everyAlgorithm) {
      const asked = { client_id: 'caller', scope: 'openid', login_hint: 'alice', jti: randomUUID() }
      const proof = { ...own(), sub: 'caller', jti: randomUUID() }
      const answer = await setting.post('/oauth/backchannel', {
        client_id: 'caller',
        request: await signedWith(alg, { ...own(), ...asked }),
        client_assertion_type: assertionType,
        client_assertion: await signedWith('ES256', proof),
      })
      t.equal(await outcome(answer), listed.includes(alg) ? '200' : '400 invalid_request', alg)
    }
  }),
)

t.test('challenges of PKCE', (t) =>
  inEachSetting(t, async (t, setting) => {
    const { id } = await setting.register()
    const { verifier } = newPkce()
    for (const [method, code_challenge] of [
      ['S256', createHash('sha256').update(verifier).digest('base64url')],
      ['plain', verifier],
      ['S512', createHash('sha512').update(verifier).digest('base64url')],
    ] as const) {
      const params = { client_id: id, response_type: 'code', redirect_uri: redirect, scope: 'openid' }
      const pushed = await setting.post('/oauth/par', {
        ...params,
        code_challenge,
        code_challenge_method: method,
      })
      const isListed = setting.listed('code_challenge_methods_supported').includes(method)
      t.equal(await outcome(pushed), isListed ? '201' : '400 invalid_request', method)
    }
  }),
)
