import { createRemoteJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { stringify } from 'yaml'
import { buildDeps } from '../../idp/deps.ts'
import { eventually } from '../harness/eventually.ts'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { contextOf } from './context.ts'
import { startHttpsHost } from './https-host.ts'
import { authorize, authorizeUrl, newPkce, tokenRequest } from './native.ts'
import { Person } from './person.ts'

const event = 'http://schemas.openid.net/event/backchannel-logout'
/** What each client was sent, by the path that it named. */
const received = new Map<string, URLSearchParams[]>()
const host = await startHttpsHost(t, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const name = (request.url ?? '').slice(1)
    const body = new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
    received.set(name, [...(received.get(name) ?? []), body])
    response.writeHead(204).end()
  })
})

const entry = (client_id: string, needsSid: boolean) => ({
  client_id,
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  redirect_uris: [`https://${client_id}.example/cb`],
  scope: 'openid',
  backchannel_logout_uri: `${host.origin}/${client_id}`,
  ...(needsSid ? { backchannel_logout_session_required: true } : {}),
})
const clients = [
  entry('with-sid', true),
  entry('sub-alone', false),
  { ...entry('pair', true), subject_type: 'pairwise' },
]
const platform = await startPlatform({
  only: ['idp'],
  t,
  config: stringify({ idp: { clients, fetch: host.fetch } }),
})
const { issuer } = platform.config

/** Signs in at a client. @returns what its ID token says */
async function idTokenOf(
  client_id: string,
  person: Person,
  as: { username?: string; password?: string } = {},
) {
  const pkce = newPkce()
  const redirect_uri = `https://${client_id}.example/cb`
  const url = authorizeUrl(issuer, pkce, { client_id, redirect_uri, scope: 'openid', nonce: 'n-1' })
  const { callback } = await authorize(platform, url, { ...as, person })
  const code = callback.searchParams.get('code') ?? ''
  const params = { grant_type: 'authorization_code', client_id, redirect_uri, code }
  const answer: unknown = await (
    await tokenRequest(issuer, { ...params, code_verifier: pkce.verifier })
  ).json()
  return jwtParts(textField(answer, 'id_token')).payload
}

t.test(
  'logout tokens are what Back-Channel Logout 1.0 section 2.4 says, for who wants sid and who does not',
  async (t) => {
    const person = new Person()
    const ids = new Map<string, Readonly<Record<string, unknown>>>()
    // One after the other: it is one browser.
    // oxlint-disable-next-line no-await-in-loop
    for (const { client_id } of clients) ids.set(client_id, await idTokenOf(client_id, person))
    await person.submit(await person.open(`${issuer}/oauth/logout`), 'Sign out')
    t.ok(await eventually(() => received.size === clients.length))
    const jtis = new Set<unknown>()
    for (const { client_id } of clients) {
      const sent = received.get(client_id) ?? []
      t.equal(sent.length, 1, `${client_id}: once`)
      t.same([...(sent[0]?.keys() ?? [])], ['logout_token'])
      const token = sent[0]?.get('logout_token') ?? ''
      const { payload, protectedHeader } = await jwtVerify(
        token,
        createRemoteJWKSet(new URL('/oauth/jwks', issuer)),
        {
          issuer,
          audience: client_id,
          typ: 'logout+jwt',
          algorithms: ['ES256'],
          requiredClaims: ['iss', 'aud', 'iat', 'exp', 'jti', 'events', 'sub'],
          maxTokenAge: '2 minutes',
        },
      )
      t.match(protectedHeader, { typ: 'logout+jwt', alg: 'ES256', kid: String })
      t.equal(payload.aud, client_id, 'for nobody else')
      t.same(payload['events'], { [event]: {} })
      t.equal(payload.sub, ids.get(client_id)?.['sub'], 'as its ID token named the person')
      const hasSid = client_id !== 'sub-alone'
      t.equal(payload['sid'], hasSid ? ids.get(client_id)?.['sid'] : undefined)
      const [exp = 0, iat = 0] = [payload.exp, payload.iat]
      t.ok(exp > iat && exp - iat <= 120, `${exp - iat} s: at most two minutes, as section 2.4 advises`)
      const claims = ['aud', 'events', 'exp', 'iat', 'iss', 'jti', 'sub', ...(hasSid ? ['sid'] : [])]
      t.same(
        Object.keys(payload).toSorted(),
        claims.toSorted(),
        'no nonce, nothing of an ID token, nothing else',
      )
      jtis.add(payload.jti)
    }
    t.equal(jtis.size, clients.length, 'each its own')
    t.not(ids.get('pair')?.['sub'], ids.get('with-sid')?.['sub'])
  },
)

t.test('who was not signed in at a client is nothing that it is told of', async (t) => {
  received.clear()
  const person = new Person()
  await idTokenOf('sub-alone', person)
  await person.submit(await person.open(`${issuer}/oauth/logout`), 'Sign out')
  t.ok(await eventually(() => received.size > 0))
  t.same([...received.keys()], ['sub-alone'])
})

t.test('clients are told when an account is removed, by the name that they know', async (t) => {
  received.clear()
  const admin = await Admin.of(platform)
  const newt = { username: 'newt', password: 'a password of somebody new' }
  const id = textField((await admin.send('POST', '/accounts', newt)).body, 'id')
  const person = new Person()
  const ids = new Map<string, Readonly<Record<string, unknown>>>()
  // One after the other: it is one browser.
  // oxlint-disable-next-line no-await-in-loop
  for (const { client_id } of clients) ids.set(client_id, await idTokenOf(client_id, person, newt))
  t.equal((await admin.send('DELETE', `/accounts/${id}`)).status, 204)
  for (const { client_id } of clients) {
    const sent = received.get(client_id) ?? []
    t.equal(sent.length, 1, `${client_id}: told by the time of the answer`)
    const { payload } = jwtParts(sent[0]?.get('logout_token') ?? '')
    t.equal(payload['sub'], ids.get(client_id)?.['sub'], 'as its ID token named the person')
  }
  const deps = await buildDeps(contextOf(platform))
  t.teardown(() => deps.close())
  const names = deps.store.db.selectFrom('pairwise_subjects').select('subject').where('account_id', '=', id)
  t.same(await names.execute(), [], 'and the name is gone with the account')
})
