import { readFileSync } from 'node:fs'
import { importJWK } from 'jose'
import * as oidc from 'openid-client'
import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { authorize } from './native.ts'

t.test('a certified relying party is content', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer, resource, gateway } = platform.config
  const key = await importJWK(JSON.parse(readFileSync(platform.paths.gatewayClientKey, 'utf8')), 'ES256')
  if (key instanceof Uint8Array) throw new Error('not a key pair')
  for (const algorithm of ['oidc', 'oauth2'] as const) {
    const configuration = await oidc.discovery(
      new URL(issuer),
      gateway.clientId,
      { id_token_signed_response_alg: 'ES256' },
      oidc.PrivateKeyJwt(key),
      { algorithm, execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
    )
    const verifier = oidc.randomPKCECodeVerifier()
    const checks = {
      expectedState: oidc.randomState(),
      expectedNonce: oidc.randomNonce(),
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    }
    const url = await oidc.buildAuthorizationUrlWithPAR(configuration, {
      redirect_uri: `${gateway.origin}/auth/callback`,
      scope: 'openid profile orders:read',
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const { callback } = await authorize(platform, url, { username: 'carol' })
    const tokens = await oidc.authorizationCodeGrant(configuration, callback, checks)
    t.match(
      tokens.claims(),
      { sub: 'acc-carol', preferred_username: 'carol', acr: 'aal1', amr: ['pwd'] },
      algorithm,
    )
    const narrow = await oidc.refreshTokenGrant(configuration, tokens.refresh_token ?? '', {
      scope: 'openid profile',
    })
    const person = await oidc.fetchUserInfo(configuration, narrow.access_token, 'acc-carol')
    t.equal(person.name, 'Carol Carter')
    const wide = await oidc.refreshTokenGrant(configuration, narrow.refresh_token ?? '', { resource })
    const about = await oidc.tokenIntrospection(configuration, wide.refresh_token ?? '')
    t.equal(about.active, true)
    await oidc.tokenRevocation(configuration, wide.refresh_token ?? '')
    await t.rejects(oidc.refreshTokenGrant(configuration, wide.refresh_token ?? ''), 'revoked')
    const out = oidc.buildEndSessionUrl(configuration, { id_token_hint: tokens.id_token ?? '' })
    t.equal(out.pathname, '/oauth/logout')
  }
})
