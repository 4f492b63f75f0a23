import { randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import * as oidc from 'openid-client'
import t from 'tap'
import { buildDeps } from '../../idp/deps.ts'
import { isRecord, jwtParts, startPlatform } from '../harness/index.ts'
import { boundTokens } from './bound-tokens.ts'
import { contextOf } from './context.ts'
import { keyedClient, withClientsConfig } from './keyed-client.ts'
import { outcome } from './native.ts'

const twenty = Array.from({ length: 20 })

t.test('DPoP with a certified client, nonces demanded', async (t) => {
  const client = await keyedClient('holder', { dpop_bound_access_tokens: true })
  const config = withClientsConfig([client], { dpop: { requireNonce: true } })
  const platform = await startPlatform({ only: ['idp'], t, config })
  const { issuer } = platform.config
  const configuration = await oidc.discovery(
    new URL(issuer),
    client.id,
    { id_token_signed_response_alg: 'ES256' },
    oidc.PrivateKeyJwt({ key: client.privateKey, kid: 'holder-1' }),
    { execute: [oidc.allowInsecureRequests] },
  )
  const key = await oidc.randomDPoPKeyPair('ES256')
  const DPoP = oidc.getDPoPHandle(configuration, key)
  const tokens = await boundTokens(platform, configuration, {
    DPoP,
    redirectUri: 'https://holder.example/cb',
    scope: 'openid profile orders:read',
  })
  t.equal(tokens.token_type, 'dpop')
  const jkt = await calculateJwkThumbprint(await exportJWK(key.publicKey))
  t.same(jwtParts(tokens.access_token).payload['cnf'], { jkt })

  const refreshed = await oidc.refreshTokenGrant(configuration, tokens.refresh_token ?? '', undefined, {
    DPoP,
  })
  t.same(jwtParts(refreshed.access_token).payload['cnf'], { jkt })

  const narrow = await oidc.refreshTokenGrant(
    configuration,
    refreshed.refresh_token ?? '',
    { scope: 'openid profile' },
    { DPoP },
  )
  t.equal(
    (await oidc.fetchUserInfo(configuration, narrow.access_token, 'acc-alice', { DPoP })).sub,
    'acc-alice',
  )
  const plain = await fetch(new URL('/oauth/userinfo', issuer), {
    headers: { authorization: `Bearer ${narrow.access_token}` },
  })
  t.equal(plain.status, 401, 'a bound token is no bearer token')
  await t.rejects(
    oidc.refreshTokenGrant(configuration, narrow.refresh_token ?? ''),
    'a client that is held to DPoP gets nothing without',
  )
})

t.test('a proof counts once', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const secret = platform.credentials.clientSecret('demo-machine') ?? ''
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const proof = (changes: Record<string, unknown> = {}, typ = 'dpop+jwt') =>
    exportJWK(publicKey).then((jwk) =>
      new SignJWT({ htm: 'POST', htu: `${issuer}/oauth/token`, jti: randomUUID(), ...changes })
        .setProtectedHeader({ alg: 'ES256', typ, jwk })
        .setIssuedAt(typeof changes['iat'] === 'number' ? changes['iat'] : undefined)
        .sign(privateKey),
    )
  const ask = (dpop: string) =>
    fetch(new URL('/oauth/token', issuer), {
      method: 'POST',
      headers: { dpop, authorization: `Basic ${Buffer.from(`demo-machine:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
  await t.test('also one that is dated ahead, for as long as it is taken', async (t) => {
    const ahead = await proof({ iat: Math.floor(Date.now() / 1000) + 290 })
    t.equal(await outcome(await ask(ahead)), '200', 'of a clock that is fast')
    const deps = await buildDeps(contextOf(platform))
    t.teardown(() => deps.close())
    for (const seconds of [365, 200]) {
      platform.clock.advance(seconds * 1000)
      // oxlint-disable-next-line no-await-in-loop
      await deps.cleanup.run()
      // oxlint-disable-next-line no-await-in-loop
      t.equal(await outcome(await ask(ahead)), '400 invalid_grant', `${seconds} s later`)
    }
  })

  const shared = await proof()
  const all = await Promise.all(twenty.map(async () => outcome(await ask(shared))))
  t.equal(all.filter((one) => one === '200').length, 1)
  t.equal(all.filter((one) => one === '400 invalid_grant').length, 19)
  for (const [what, changes, typ] of [
    ['another method', { htm: 'GET' }, undefined],
    ['another URL', { htu: `${issuer}/oauth/par` }, undefined],
    ['no jti', { jti: undefined }, undefined],
    ['another type', {}, 'jwt'],
  ] as const) {
    t.equal(await outcome(await ask(await proof(changes, typ))), '400 invalid_dpop_proof', what)
  }
  const old = await ask(await proof({ iat: Math.floor(Date.now() / 1000) - 3600 }))
  t.ok(old.headers.get('dpop-nonce'), 'an old one is told the nonce of today')
  const body: unknown = await old.json()
  t.equal(isRecord(body) && body['error'], 'use_dpop_nonce')
  const again = await ask(await proof({ nonce: old.headers.get('dpop-nonce') }))
  t.equal(await outcome(again), '200')
  t.equal(await outcome(await ask(await proof({ nonce: 'made-up' }))), '400 use_dpop_nonce')
})
