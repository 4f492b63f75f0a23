import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import t from 'tap'
import { jwtParts, startPlatform } from '../../harness/index.ts'
import { textField } from '../../harness/json.ts'
import { dpopProof } from '../../gateway/bound-token.ts'
import { clientAssertionOf, keyedClient, requestObject, withClientsConfig } from '../keyed-client.ts'
import { authorize, newPkce, outcome, tokenRequest } from '../native.ts'
import { locationOf, Person } from '../person.ts'

/** Named after modules of the FAPI 2.0 plans: what one request shows. */
const client = await keyedClient('bank', { profile: 'fapi2', scope: 'openid profile orders:read' })
const other = await keyedClient('other-bank', { profile: 'fapi2' })
const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([client, other]) })
const { issuer } = platform.config
const { verifier, challenge } = newPkce()
const redirect_uri = 'https://bank.example/cb'
const asked = {
  response_type: 'code',
  redirect_uri,
  scope: 'openid profile orders:read',
  code_challenge: challenge,
  code_challenge_method: 'S256',
}
const key = await generateKeyPair('ES256')
const rsa = await generateKeyPair('RS256')
const token = { htm: 'POST', htu: `${issuer}/oauth/token` }
const par = { htm: 'POST', htu: `${issuer}/oauth/par` }
const now = () => Math.floor(Date.now() / 1000)

async function push(params: Readonly<Record<string, string>>, dpop?: string): Promise<Response> {
  const body = new URLSearchParams({
    client_id: client.id,
    ...params,
    ...(await clientAssertionOf(client, issuer)),
  })
  return fetch(par.htu, { method: 'POST', body, headers: dpop === undefined ? {} : { dpop } })
}

async function pushedUrl(params: Readonly<Record<string, string>>, dpop?: string): Promise<URL> {
  const url = new URL('/oauth/authorize', issuer)
  url.searchParams.set('client_id', client.id)
  url.searchParams.set('request_uri', textField(await (await push(params, dpop)).json(), 'request_uri'))
  return url
}

const begin = async (params: Readonly<Record<string, string>> = asked, dpop?: string) =>
  (await authorize(platform, await pushedUrl(params, dpop))).callback

async function redeem(
  callback: URL,
  dpop: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const form = {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? callback.href,
    redirect_uri,
    code_verifier: verifier,
    ...(await clientAssertionOf(client, issuer)),
    ...changes,
  }
  return fetch(token.htu, { method: 'POST', body: new URLSearchParams(form), headers: { dpop } })
}

t.test('request objects and assertions by other algorithms', async (t) => {
  const claims = { client_id: client.id, ...asked, iss: client.id, aud: issuer, nbf: now(), exp: now() + 60 }
  const header = { kid: 'bank-1', typ: 'oauth-authz-req+jwt' }
  const byRsa = new SignJWT(claims).setProtectedHeader({ ...header, alg: 'RS256' }).sign(rsa.privateKey)
  t.equal(await outcome(await push({ request: await byRsa })), '400 invalid_request_object')
  const unsigned = new UnsecuredJWT(claims).encode()
  t.equal(await outcome(await push({ request: unsigned })), '400 invalid_request_object')
  const own = { iss: client.id, sub: client.id, aud: issuer, jti: randomUUID(), iat: now(), exp: now() + 60 }
  const assertion = new SignJWT(own).setProtectedHeader({ alg: 'RS256', kid: 'bank-1' })
  const forged = { client_assertion: await assertion.sign(rsa.privateKey) }
  const proof = { ...(await clientAssertionOf(client, issuer)), ...forged }
  const answer = await tokenRequest(issuer, { grant_type: 'refresh_token', refresh_token: 'x', ...proof })
  t.equal(await outcome(answer), '401 invalid_client')
})

t.test('a client proves itself at the token endpoint, and as itself', async (t) => {
  const form = { grant_type: 'refresh_token', refresh_token: 'x' }
  t.equal(await outcome(await tokenRequest(issuer, { ...form, client_id: client.id })), '401 invalid_client')
  const proof = await clientAssertionOf(client, issuer)
  const foreign = await tokenRequest(issuer, { ...form, ...proof, client_id: other.id })
  t.match(await outcome(foreign), /^(400 invalid_request|401 invalid_client)$/)
})

t.test('what is pushed comes by POST', async (t) => {
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await fetch(par.htu, { method })
    await answer.body?.cancel()
    t.same([answer.status, answer.headers.get('allow')], [405, 'POST'], method)
  }
})

t.test('a request object is the whole request: what stands beside it counts for nothing', async (t) => {
  const inside = { ...asked, state: 'inside', nonce: 'inside' }
  const request = await requestObject(client, issuer, inside)
  const callback = await begin({ request, state: 'outside', nonce: 'outside' })
  t.equal(callback.searchParams.get('state'), 'inside')
  const tokens: unknown = await (await redeem(callback, await dpopProof(key, token))).json()
  t.equal(jwtParts(textField(tokens, 'id_token')).payload['nonce'], 'inside')
  const bare = await begin({ request: await requestObject(client, issuer, asked), state: 'outside' })
  t.equal(bare.searchParams.get('state'), null)
})

t.test('a page can be opened again until somebody has signed in', async (t) => {
  const url = await pushedUrl(asked)
  const first = new Person()
  t.match((await first.follow(await first.open(url))).html, /type="password"/)
  const { callback } = await authorize(platform, url)
  t.ok(callback.searchParams.get('code'))
})

t.test('proofs a little early, a little late, and with times of their own', async (t) => {
  for (const changes of [{ iat: now() - 10 }, { iat: now() + 10 }, { nbf: now(), exp: now() + 60 }]) {
    const proof = await new SignJWT({ ...token, jti: randomUUID(), iat: now(), ...changes })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(key.publicKey) })
      .sign(key.privateKey)
    t.equal(await outcome(await redeem(await begin(), proof)), '200', JSON.stringify(changes))
  }
})

t.test('the key that a request names is the key that redeems', async (t) => {
  const dpop_jkt = await calculateJwkThumbprint(await exportJWK(key.publicKey))
  const foreign = await generateKeyPair('ES256')
  const named = { ...asked, dpop_jkt }
  const mismatch = await push(named, await dpopProof(foreign, par))
  t.match(await outcome(mismatch), /^400 (invalid_request|invalid_dpop_proof)$/)
  const stolen = await redeem(await begin(named), await dpopProof(foreign, token))
  t.equal(await outcome(stolen), '400 invalid_grant')
  const good = await redeem(await begin(named, await dpopProof(key, par)), await dpopProof(key, token))
  t.equal(await outcome(good), '200')
})

t.test('a code that is used again a second later takes its tokens with it', async (t) => {
  const callback = await begin()
  const first = await redeem(callback, await dpopProof(key, token))
  const refresh_token = textField(await first.json(), 'refresh_token')
  await sleep(1000)
  t.equal(await outcome(await redeem(callback, await dpopProof(key, token))), '400 invalid_grant')
  const form = { grant_type: 'refresh_token', refresh_token }
  const answer = await redeem(callback, await dpopProof(key, token), form)
  t.equal(await outcome(answer), '400 invalid_grant')
})

t.test('claims that are asked for by name, and an acr that cannot be had', async (t) => {
  const claims = (of: object) => ({ ...asked, claims: JSON.stringify({ id_token: of }) })
  const callback = await begin(claims({ name: { essential: true }, acr: { essential: true, value: 'aal1' } }))
  const tokens: unknown = await (await redeem(callback, await dpopProof(key, token))).json()
  t.match(jwtParts(textField(tokens, 'id_token')).payload, { name: 'Alice Archer', acr: 'aal1' })
  const url = await pushedUrl(claims({ acr: { essential: true, values: ['urn:openbanking:psd2:sca'] } }))
  const seen = await new Person().open(url)
  t.equal(locationOf(seen).searchParams.get('error'), 'unmet_authentication_requirements', 'at once')
})
