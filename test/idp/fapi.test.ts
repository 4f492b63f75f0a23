import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { clientAssertionOf, keyedClient, requestObject, withClientsConfig } from './keyed-client.ts'
import { newPkce, outcome } from './native.ts'

t.test('a client under FAPI 2.0', async (t) => {
  const client = await keyedClient('fapi', { profile: 'fapi2' })
  const plain = await keyedClient('plain')
  const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([client, plain]) })
  const { issuer } = platform.config
  const par = `${issuer}/oauth/par`
  const asked = {
    response_type: 'code',
    redirect_uri: 'https://fapi.example/cb',
    scope: 'openid',
    code_challenge: newPkce().challenge,
    code_challenge_method: 'S256',
  }
  const push = async (
    params: Readonly<Record<string, string>>,
    claims: Readonly<Record<string, unknown>> = {},
    by = client,
  ): Promise<string> => {
    const proof = await clientAssertionOf(by, issuer, claims)
    const body = new URLSearchParams({ client_id: by.id, ...params, ...proof })
    return outcome(await fetch(par, { method: 'POST', body }))
  }

  await t.test('its assertion is for the issuer, and for nobody else', async (t) => {
    t.equal(await push(asked), '201')
    for (const aud of [[issuer], [issuer, par], par, `${issuer}/oauth/token`, `${issuer}/`])
      t.equal(await push(asked, { aud }), '401 invalid_client', JSON.stringify(aud))
    const own = { ...asked, redirect_uri: 'https://plain.example/cb' }
    t.equal(await push(own, { aud: par }, plain), '201', 'elsewhere RFC 7523 is enough')
    const now = Math.floor(Date.now() / 1000)
    t.equal(await push(asked, { nbf: now + 8 }), '201')
    t.equal(await push(asked, { nbf: now + 61 }), '401 invalid_client')
    t.equal(await push(asked, { exp: now - 300 }), '401 invalid_client')
    t.equal(await push(asked, { sub: undefined }), '401 invalid_client')
  })

  await t.test('its request objects say from when to when they hold', async (t) => {
    const now = Math.floor(Date.now() / 1000)
    const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
      ['as it should be', {}, '201'],
      ['from in a moment', { nbf: now + 8 }, '201'],
      ['for several', { aud: [issuer, 'https://other.example'] }, '201'],
      ['without exp', { exp: undefined }, '400 invalid_request_object'],
      ['without nbf', { nbf: undefined }, '400 invalid_request_object'],
      ['over', { exp: now - 60 }, '400 invalid_request_object'],
      ['for more than an hour', { exp: now + 4_000, nbf: now }, '400 invalid_request_object'],
      ['since more than an hour', { nbf: now - 4_000 }, '400 invalid_request_object'],
      ['from in a minute', { nbf: now + 70, exp: now + 200 }, '400 invalid_request_object'],
      ['for somebody else', { aud: 'https://other.example' }, '400 invalid_request_object'],
    ]
    for (const [name, changes, expected] of cases) {
      const request = await requestObject(client, issuer, asked, changes)
      t.equal(await push({ request }), expected, name)
    }
  })

  await t.test('PKCE with S256, code only, nothing pushed by reference', async (t) => {
    t.equal(await push({ ...asked, code_challenge: '' }), '400 invalid_request')
    t.equal(await push({ ...asked, code_challenge_method: 'plain' }), '400 invalid_request')
    t.equal(await push({ ...asked, response_type: 'code id_token' }), '400 unsupported_response_type')
    t.equal(await push({ ...asked, response_type: 'token' }), '400 unsupported_response_type')
    t.equal(await push({ ...asked, redirect_uri: 'https://fapi.example/other' }), '400 invalid_request')
    t.equal(await push({ ...asked, request_uri: 'urn:x:y' }), '400 request_uri_not_supported')
    const { redirect_uri: _, ...without } = asked
    t.equal(await push(without), '400 invalid_request')
  })
})
