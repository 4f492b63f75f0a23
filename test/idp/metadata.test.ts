import t from 'tap'
import { isRecord, startPlatform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'

t.test('the metadata say what is there, and nothing that is not', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer, resource } = platform.config
  const read = async (path: string): Promise<unknown> => (await fetch(new URL(path, issuer))).json()
  const metadata = await read('/.well-known/openid-configuration')

  t.same(await read('/.well-known/oauth-authorization-server'), metadata, 'both documents say the same')
  t.equal(textField(metadata, 'issuer'), issuer)
  if (!isRecord(metadata)) throw new Error('no metadata')

  await t.test('every endpoint answers', async (t) => {
    const endpoints = Object.entries(metadata).filter(
      ([name]) => name.endsWith('_endpoint') || name === 'jwks_uri',
    )
    t.ok(endpoints.length >= 9, `${endpoints.length} endpoints`)
    for (const [name, url] of endpoints) {
      const answers = await Promise.all(
        ['GET', 'POST'].map((method) => fetch(String(url), { method, redirect: 'manual' })),
      )
      t.ok(
        answers.some(({ status }) => status !== 404),
        `${name} is there`,
      )
      t.ok(String(url).startsWith(`${issuer}/oauth/`), `${name} is where design.md says`)
    }
  })

  t.test('only what is on', async (t) => {
    t.same(metadata['response_types_supported'], ['code'])
    t.same(metadata['code_challenge_methods_supported'], ['S256'])
    t.same(metadata['id_token_signing_alg_values_supported'], ['ES256'])
    t.same(metadata['token_endpoint_auth_signing_alg_values_supported'], ['ES256'])
    t.same(metadata['token_endpoint_auth_methods_supported'], [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'none',
    ])
    t.equal(metadata['authorization_response_iss_parameter_supported'], true)
    t.equal(metadata['backchannel_logout_supported'], true)
    t.notOk('registration_endpoint' in metadata, 'registration is off')
    const own = Object.keys(metadata).filter((name) => name.includes('gatehouse'))
    t.same(own, [], "registered members only: the Foundation's suite warns of others")
    t.notOk(JSON.stringify(metadata).includes('RS256'), 'no RSA anywhere')
    t.ok(listField(metadata, 'scopes_supported').includes('orders:write'), `scopes of ${resource}`)
  })

  await t.test('the key set has public ES256 keys', async (t) => {
    const keys = listField(await read('/oauth/jwks'), 'keys')
    t.ok(keys.length >= 2, 'the one that signs and the next one')
    for (const key of keys) {
      t.match(key, { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
      t.notOk(isRecord(key) && 'd' in key, 'no private part')
    }
  })
})

t.test('what is not the IdP is not served', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const other = new URL(issuer)
  other.hostname = '127.0.0.1'
  const answer = await fetch(new URL('/.well-known/openid-configuration', other))
  t.equal(answer.status, 421, 'another host name')
  t.match(await answer.json(), { code: 'unknown_host' })
  for (const path of [
    '/oauth/register',
    '/interaction',
    '/oauth/token/',
    '/OAUTH/TOKEN',
    '/auth',
    '/me',
    '/reg',
  ]) {
    t.equal((await fetch(new URL(path, issuer), { method: 'POST' })).status, 404, path)
  }
})
