import t from 'tap'
import { isRecord, startPlatform } from '../harness/index.ts'
import { keyedClient, withClientsConfig } from './keyed-client.ts'
import { nativeClient, outcome, refresh, tokenRequest } from './native.ts'
import { Receiver } from './receiver.ts'
import { outcomeOf, tokenKinds } from './token-kinds.ts'
import { WebClient } from './web.ts'

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const secret = 'agent-secret-of-some-length-0123456789'
const agent = {
  entry: {
    client_id: 'agent',
    client_secret: secret,
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: [exchange],
    scope: 'orders:read',
    exchange_audiences: ['urn:gatehouse:api'],
  },
}
const client = await keyedClient('holder')
const idp = { registration: { who: 'anyone' } }
const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([client, agent], idp) })
const { issuer } = platform.config
const { kinds, managed } = await tokenKinds(platform, client)
const own = kinds['access token'] ?? ''

const exchanged = (params: Readonly<Record<string, string>>) => {
  const form = { grant_type: exchange, subject_token: own, subject_token_type: accessTokenType, ...params }
  return tokenRequest(issuer, form, { id: 'agent', secret })
}

t.test('what is exchanged is an access token, whatever it is said to be', async (t) => {
  for (const [kind, subject_token] of Object.entries(kinds)) {
    const expected = kind === 'access token' ? '200' : '400 invalid_request'
    t.equal(await outcome(await exchanged({ subject_token })), expected, kind)
    for (const name of ['id_token', 'refresh_token', 'saml2']) {
      const subject_token_type = `urn:ietf:params:oauth:token-type:${name}`
      const seen = await outcome(await exchanged({ subject_token, subject_token_type }))
      t.equal(seen, '400 invalid_request', `${kind} as ${name}`)
    }
  }
})

t.test('nobody acts by a token: the actor is the client that asks', async (t) => {
  for (const [kind, actor_token] of Object.entries(kinds)) {
    const seen = await outcome(await exchanged({ actor_token, actor_token_type: accessTokenType }))
    t.equal(seen, '400 invalid_request', kind)
  }
})

t.test('events are for who has a token for them', async (t) => {
  for (const [kind, token] of Object.entries(kinds)) {
    const answer = await fetch(`${issuer}/events/poll?stream=s`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ returnImmediately: true }),
    })
    t.equal(await outcomeOf(answer), kind === 'events token' ? 'accepted' : '401 invalid_token', kind)
  }
})

t.test('introspection knows tokens, and says nothing of all else', async (t) => {
  const gateway = new WebClient(platform)
  for (const [kind, token] of Object.entries(kinds)) {
    for (const hint of ['access_token', 'refresh_token']) {
      const answer = await gateway.post('/oauth/introspect', { token, token_type_hint: hint })
      const body: unknown = await answer.json()
      const isActive = isRecord(body) && body['active'] === true
      t.equal(isActive, kind === 'access token', `${kind} as ${hint}`)
      if (!isActive) t.same([answer.status, body], [200, { active: false }], kind)
    }
  }
})

t.test('revocation takes back what is a token of who asks, and nothing else', async (t) => {
  const receiver = new Receiver(platform)
  await receiver.poll()
  const revoke = async (token: string) => {
    const body = new URLSearchParams({ token, client_id: nativeClient })
    return outcomeOf(await fetch(`${issuer}/oauth/revoke`, { method: 'POST', body }))
  }
  const refreshToken = kinds['refresh token'] ?? ''
  for (const [kind, token] of Object.entries(kinds))
    if (token !== own && token !== refreshToken) t.equal(await revoke(token), 'accepted', kind)
  t.same(await receiver.poll(), [], 'nothing has ended')
  const registration = { headers: { authorization: `Bearer ${kinds['registration access token']}` } }
  t.equal((await fetch(managed, registration)).status, 200)
  t.equal(await outcome(await exchanged({})), '200', 'the access token holds')
  t.equal(await outcome(await refresh(issuer, refreshToken)), '200', 'and so does the refresh token')
  t.equal(await revoke(own), 'accepted')
  t.equal(await outcome(await exchanged({})), '400 invalid_request', 'until it is named itself')
})
