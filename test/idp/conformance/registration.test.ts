import t from 'tap'
import { stringify } from 'yaml'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { randomUUID } from 'node:crypto'
import { isRecord, startPlatform } from '../../harness/index.ts'
import { textField } from '../../harness/json.ts'
import { assertionType } from '../assertion.ts'
import { startHttpsHost } from '../https-host.ts'
import { newPkce, outcome } from '../native.ts'

const redirect_uri = 'https://app.example/cb'
/** What the client's own host says, by path. */
const documents = new Map<string, unknown>()
let fetched = 0
const host = await startHttpsHost(t, (request, response) => {
  fetched += 1
  const document = documents.get(request.url ?? '')
  response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(document ?? {}))
})
const idp = { registration: { who: 'anyone', quota: '1000/min' }, fetch: host.fetch }
const platform = await startPlatform({ only: ['idp'], t, config: stringify({ idp }) })
const { issuer } = platform.config

const register = (metadata: Readonly<Record<string, unknown>>) =>
  fetch(`${issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      redirect_uris: [redirect_uri],
      token_endpoint_auth_method: 'none',
      ...metadata,
    }),
  })

t.test('redirect URIs with a fragment are refused', async (t) => {
  for (const uri of [`${redirect_uri}#x`, `${redirect_uri}#`])
    t.match(
      await outcome(await register({ redirect_uris: [redirect_uri, uri] })),
      /^400 invalid_(redirect_uri|client_metadata)$/,
      uri,
    )
})

t.test('an address that is too long to be kept is named', async (t) => {
  const long = `https://app.example/${'x'.repeat(2_500)}`
  for (const metadata of [
    { backchannel_logout_uri: long },
    { initiate_login_uri: long },
    { jwks_uri: long, token_endpoint_auth_method: 'private_key_jwt' },
    { contacts: [`a@${'x'.repeat(2_500)}.example`] },
  ]) {
    const member = Object.keys(metadata)[0] ?? ''
    const response = await register(metadata)
    t.match(
      [response.status, await response.json()],
      [400, { error: 'invalid_client_metadata', error_description: member }],
      member,
    )
  }
})

t.test('a sector is what its document says: every redirect URI must be in it', async (t) => {
  const pairwise = { subject_type: 'pairwise', redirect_uris: [redirect_uri, 'https://two.example/cb'] }
  t.equal(await outcome(await register(pairwise)), '400 invalid_client_metadata', 'two hosts and no sector')
  documents.set('/good.json', pairwise.redirect_uris)
  documents.set('/short.json', [redirect_uri])
  documents.set('/object.json', { redirect_uris: pairwise.redirect_uris })
  const at = (path: string) => ({ ...pairwise, sector_identifier_uri: `${host.origin}${path}` })
  const good = await register(at('/good.json'))
  t.equal(good.status, 201)
  for (const path of ['/short.json', '/object.json', '/missing.json'])
    t.equal(await outcome(await register(at(path))), '400 invalid_client_metadata', path)
  const before = fetched
  const plain = at('/good.json').sector_identifier_uri.replace('https:', 'http:')
  const refused = await register({ ...pairwise, sector_identifier_uri: plain })
  t.equal(await outcome(refused), '400 invalid_client_metadata')
  t.equal(fetched, before, 'without TLS it is not asked')
})

t.test('keys that a client keeps itself are fetched, and fetched again when it has others', async (t) => {
  const keyOf = async (kid: string) => {
    const pair = await generateKeyPair('ES256')
    const jwk = { ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' }
    return { kid, jwk, privateKey: pair.privateKey }
  }
  const [first, second, foreign] = [await keyOf('k1'), await keyOf('k2'), await keyOf('k1')]
  documents.set('/jwks.json', { keys: [first.jwk] })
  const answer: unknown = await (
    await register({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: `${host.origin}/jwks.json`,
    })
  ).json()
  const id = textField(answer, 'client_id')
  t.notOk(isRecord(answer) && 'client_secret' in answer)
  const push = async (key: typeof first) => {
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: id, sub: id, aud: issuer, jti: randomUUID(), iat: now, exp: now + 60 }
    const assertion = new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: key.kid })
    const body = new URLSearchParams({
      client_id: id,
      response_type: 'code',
      redirect_uri,
      scope: 'openid',
      code_challenge: newPkce().challenge,
      code_challenge_method: 'S256',
      client_assertion_type: assertionType,
      client_assertion: await assertion.sign(key.privateKey),
    })
    return outcome(await fetch(`${issuer}/oauth/par`, { method: 'POST', body }))
  }
  t.equal(await push(first), '201')
  t.equal(await push(foreign), '401 invalid_client', 'another key by the same name')
  documents.set('/jwks.json', { keys: [second.jwk] })
  platform.clock.advance(61_000)
  t.equal(await push(second), '201', 'the next key')
  t.equal(await push(first), '401 invalid_client', 'and the one before no more')
})
