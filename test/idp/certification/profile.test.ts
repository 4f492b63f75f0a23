import t from 'tap'
import { isRecord, startPlatform } from '../../harness/index.ts'
import { listField } from '../../harness/json.ts'
import { startCertified } from './relying-party.ts'

async function read(url: string): Promise<Readonly<Record<string, unknown>>> {
  const document: unknown = await (await fetch(url)).json()
  if (!isRecord(document)) throw new Error('no document')
  return document
}

t.test('what the profile adds, and nothing else', async (t) => {
  const plain = (await startPlatform({ only: ['idp'], t })).config.issuer
  const certified = (await startCertified(t, [])).config.issuer
  const [before, after] = await Promise.all(
    [plain, certified].map((issuer) => read(`${issuer}/.well-known/openid-configuration`)),
  )
  const algs = ['ES256', 'PS256', 'RS256']
  const sorted = (name: string) => listField(after, name).map(String).toSorted()
  const strip = (value: unknown) => JSON.stringify(value ?? null).replaceAll(/http:\/\/localhost:\d+/g, '')
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  const changed = [...names].filter((name) => strip(before?.[name]) !== strip(after?.[name])).toSorted()
  t.same(changed, [
    'authorization_signing_alg_values_supported',
    'grant_types_supported',
    'id_token_signing_alg_values_supported',
    'introspection_endpoint_auth_signing_alg_values_supported',
    'request_object_signing_alg_values_supported',
    'request_parameter_supported',
    'request_uri_parameter_supported',
    'require_request_uri_registration',
    'response_types_supported',
    'revocation_endpoint_auth_signing_alg_values_supported',
    'token_endpoint_auth_signing_alg_values_supported',
    'userinfo_signing_alg_values_supported',
  ])
  t.notMatch(JSON.stringify(before), /RS256|PS256|implicit|id_token token/)
  t.same(sorted('id_token_signing_alg_values_supported'), algs)
  t.same(sorted('userinfo_signing_alg_values_supported'), algs)
  t.same(after?.['code_challenge_methods_supported'], ['S256'])

  const kinds = async (issuer: string) => {
    const keys = listField(await read(`${issuer}/oauth/jwks`), 'keys').filter(isRecord)
    t.notOk(
      keys.some((key) => 'd' in key || 'p' in key),
      'no private parts',
    )
    return [...new Set(keys.map(({ kty, alg }) => `${String(kty)} ${String(alg)}`))].toSorted()
  }
  t.same(await kinds(plain), ['EC ES256'])
  t.same(await kinds(certified), ['EC ES256', 'RSA PS256', 'RSA RS256'])
})

t.test('its keys stay over a restart', async (t) => {
  const platform = await startCertified(t, [])
  const keys = async () => listField(await read(`${platform.config.issuer}/oauth/jwks`), 'keys')
  const before = await keys()
  await platform.restart('idp')
  t.same(await keys(), before)
})
