import * as oauth from 'oauth4webapi'
import t from 'tap'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { withClientsConfig } from './keyed-client.ts'
import { newTokens, outcome, tokenRequest } from './native.ts'
import { pairwiseClient, pairwiseToken } from './pairwise-client.ts'

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
const secret = 'agent-secret-of-some-length-0123456789'

const agent = (id: string, more: Readonly<Record<string, unknown>> = {}) => ({
  entry: {
    client_id: id,
    client_secret: secret,
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: [grantType],
    scope: 'orders:read users:read',
    ...more,
  },
})

t.test('token exchange narrows, and says who acts', async (t) => {
  const may = { exchange_audiences: ['urn:gatehouse:api'] }
  const clients = [agent('agent', may), agent('helper', may), agent('nobodys-agent')]
  const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig(clients) })
  const { issuer, resource } = platform.config
  const scope = 'openid orders:read orders:write'
  const { accessToken: subject_token, person } = await newTokens(platform, { scope, prompt: 'consent' })
  const before = jwtParts(subject_token).payload
  const ask = (params: Record<string, string>, id = 'agent') =>
    tokenRequest(
      issuer,
      { grant_type: grantType, subject_token, subject_token_type: accessToken, ...params },
      { id, secret },
    )

  await t.test('as oauth4webapi does it', async (t) => {
    const as = await oauth.processDiscoveryResponse(
      new URL(issuer),
      await oauth.discoveryRequest(new URL(issuer), { [oauth.allowInsecureRequests]: true }),
    )
    const client = { client_id: 'agent' }
    const response = await oauth.genericTokenEndpointRequest(
      as,
      client,
      oauth.ClientSecretBasic(secret),
      grantType,
      { subject_token, subject_token_type: accessToken, audience: resource, scope: 'orders:read' },
      { [oauth.allowInsecureRequests]: true },
    )
    const result = await oauth.processGenericTokenEndpointResponse(as, client, response)
    t.equal(result['issued_token_type'], accessToken)
    t.ok(Number(result.expires_in) <= 300)
    const { payload } = jwtParts(result.access_token)
    t.match(payload, {
      sub: 'acc-alice',
      client_id: 'agent',
      scope: 'orders:read',
      act: { sub: 'agent' },
      exchanged_from: ['demo-native'],
      aud: resource,
      roles: ['customer'],
      sid: before['sid'],
    })
    t.ok(Number(payload['exp']) <= Number(before['exp']), 'lives no longer')
  })

  t.equal(textField(await (await ask({})).json(), 'scope'), 'orders:read', 'nothing asked: what both may')
  const { origin } = platform.config.gateway
  for (const at of [{ resource }, { resource: origin }, { resource: `${origin}/` }, { audience: origin }]) {
    const answer: unknown = await (await ask(at)).json()
    t.equal(jwtParts(textField(answer, 'access_token')).payload['aud'], resource, 'by whichever of its names')
  }
  for (const [params, error] of [
    [{ scope: 'orders:write' }, 'invalid_scope'],
    [{ scope: 'users:read' }, 'invalid_scope'],
    [{ audience: 'urn:another:api' }, 'invalid_target'],
    [{ resource: 'urn:another:api' }, 'invalid_target'],
    [{ subject_token: `${subject_token.slice(0, -8)}AAAAAAAA` }, 'invalid_request'],
    [{ subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }, 'invalid_request'],
    [{ actor_token: subject_token, actor_token_type: accessToken }, 'invalid_request'],
    [{ actor_token_type: accessToken }, 'invalid_request'],
  ] as const) {
    t.equal(await outcome(await ask({ ...params })), `400 ${error}`, JSON.stringify(params).slice(0, 60))
  }
  t.equal(
    await outcome(await ask({}, 'nobodys-agent')),
    '400 invalid_target',
    'a client without the right to',
  )

  await t.test('the token is known where it is asked about, as long as it counts', async (t) => {
    const made: unknown = await (await ask({})).json()
    const token = textField(made, 'access_token')
    const authorization = `Basic ${Buffer.from(`agent:${secret}`).toString('base64')}`
    const known = async (): Promise<unknown> => {
      const init = { method: 'POST', headers: { authorization }, body: new URLSearchParams({ token }) }
      return (await fetch(`${issuer}/oauth/introspect`, init)).json()
    }
    const answer = { active: true, sub: 'acc-alice', client_id: 'agent', scope: 'orders:read' }
    t.match(await known(), { ...answer, act: { sub: 'agent' } })
    const next: unknown = await (await ask({ subject_token: token }, 'helper')).json()
    const { payload } = jwtParts(textField(next, 'access_token'))
    t.match(payload, { sub: 'acc-alice', client_id: 'helper', grant_id: before['grant_id'] })
    t.strictSame(payload['act'], { sub: 'helper', act: { sub: 'agent' } }, 'who acted before stays on it')
  })

  await t.test('not past so many who act', async (t) => {
    let token = subject_token
    for (let depth = 1; depth <= 8; depth += 1) {
      // oxlint-disable-next-line no-await-in-loop
      token = textField(await (await ask({ subject_token: token })).json(), 'access_token')
    }
    t.equal(await outcome(await ask({ subject_token: token })), '400 invalid_request')
  })

  await t.test('not for roles that were taken away', async (t) => {
    const admin = await Admin.of(platform)
    const setRoles = (roles: readonly string[]) => admin.send('PUT', '/accounts/acc-alice/roles', { roles })
    const known = async (): Promise<unknown> => {
      const response = await fetch(`${issuer}/oauth/introspect`, {
        method: 'POST',
        body: new URLSearchParams({ token: subject_token, client_id: 'demo-native' }),
      })
      return response.json()
    }
    t.match(await known(), { active: true })
    t.equal((await setRoles([])).status, 200)
    // The gateways no longer take the token itself; one that is newer than the change they would take.
    t.equal(await outcome(await ask({})), '400 invalid_request')
    t.strictSame(await known(), { active: false })
    t.equal((await setRoles(['customer'])).status, 200)
  })

  await t.test('not once the person has signed out', async (t) => {
    await person.submit(await person.open(`${issuer}/oauth/logout`), 'Sign out')
    t.equal(await outcome(await ask({})), '400 invalid_request')
  })
})

t.test('each client gets the name by which it knows the person', async (t) => {
  const may = { exchange_audiences: ['urn:gatehouse:api'] }
  const clients = [
    agent('agent', may),
    agent('discreet', {
      ...may,
      subject_type: 'pairwise',
      grant_types: [grantType, 'authorization_code'],
      redirect_uris: ['https://discreet.example/cb'],
    }),
    pairwiseClient,
  ]
  const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig(clients) })
  const { issuer } = platform.config
  const ofPair = await pairwiseToken(platform)
  const { accessToken: ofNative } = await newTokens(platform)
  const subjectFor = async (id: string, subject_token: string) => {
    const params = { grant_type: grantType, subject_token, subject_token_type: accessToken }
    const exchanged: unknown = await (await tokenRequest(issuer, params, { id, secret })).json()
    return textField(jwtParts(textField(exchanged, 'access_token')).payload, 'sub')
  }
  t.match(jwtParts(ofPair).payload['sub'], /^pw_/)
  t.equal(await subjectFor('agent', ofPair), 'acc-alice')
  const discreetly = await subjectFor('discreet', ofNative)
  t.match(discreetly, /^pw_/)
  t.equal(await subjectFor('discreet', ofPair), discreetly, 'one name, wherever the token came from')
})
