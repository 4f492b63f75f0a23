import t from 'tap'
import { generateKeyPair } from 'jose'
import { startPlatform } from '../harness/index.ts'
import { dpopProof, requestBoundToken } from './bound-token.ts'
import { keyedClient, withClientsConfig } from '../idp/keyed-client.ts'
import { outcomeOf, tokenKinds } from '../idp/token-kinds.ts'

const client = await keyedClient('holder')
const idp = { registration: { who: 'anyone' } }
const platform = await startPlatform({ t, config: withClientsConfig([client], idp) })
const { kinds } = await tokenKinds(platform, client)
const path = '/api/orders'
const upstream = () => platform.received('orders').filter((seen) => seen.path !== '/healthz').length

t.test('the gateway lets in by access tokens, and by nothing else that the house hands out', async (t) => {
  for (const [kind, token] of Object.entries(kinds)) {
    const before = upstream()
    const seen = await outcomeOf(await platform.fetch(path, { token }))
    t.equal(seen, kind === 'access token' ? 'accepted' : '401 invalid_token', kind)
    t.equal(upstream() - before, kind === 'access token' ? 1 : 0, `${kind}: upstream`)
  }
})

t.test('nor by any of them as a session', async (t) => {
  for (const [kind, token] of Object.entries(kinds)) {
    const cookie = `__Host-gatehouse=${encodeURIComponent(token)}`
    const answer = await platform.fetch(path, { headers: { cookie } })
    t.equal(answer.status, 401, kind)
    await answer.body?.cancel()
  }
})

t.test('a bound token needs a proof for this very request', async (t) => {
  const key = await generateKeyPair('ES256')
  const bound = await requestBoundToken(platform, key)
  const url = new URL(path, platform.url('gateway')).href
  const ask = async (dpop: string, token = bound) => {
    const headers = { authorization: `DPoP ${token}`, dpop }
    return outcomeOf(await platform.fetch(path, { headers }))
  }
  const before = upstream()
  for (const [kind, token] of Object.entries(kinds)) {
    t.match(await ask(token), /^401 (invalid_dpop_proof|use_dpop_nonce)$/, `${kind} as a proof`)
    const proof = await dpopProof(key, { htm: 'GET', htu: url }, token)
    t.match(await ask(proof, token), /^401 (invalid_token|invalid_dpop_proof)$/, `${kind} as a bound token`)
  }
  t.equal(upstream(), before)
  t.equal(await ask(await dpopProof(key, { htm: 'GET', htu: url }, bound)), 'accepted')
})

t.test('a logout token, and nothing else, signs out over the back channel', async (t) => {
  for (const [kind, logout_token] of Object.entries(kinds)) {
    const answer = await platform.fetch('/auth/backchannel-logout', {
      method: 'POST',
      body: new URLSearchParams({ logout_token }),
    })
    t.equal(await outcomeOf(answer), kind === 'logout token' ? 'accepted' : '400 invalid_request', kind)
  }
})
