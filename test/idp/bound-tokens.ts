import * as oidc from 'openid-client'
import type { Platform } from '../harness/index.ts'
import { authorize } from './native.ts'

interface Wish {
  readonly DPoP: oidc.DPoPHandle
  readonly redirectUri: string
  readonly scope: string
}

/** Tokens bound to a key (RFC 9449) by the code flow with a pushed request, for alice, who agrees. */
export async function boundTokens(
  platform: Platform,
  configuration: oidc.Configuration,
  { DPoP, redirectUri, scope }: Wish,
) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const url = await oidc.buildAuthorizationUrlWithPAR(configuration, {
    redirect_uri: redirectUri,
    scope,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const { callback } = await authorize(platform, url)
  const checks: oidc.AuthorizationCodeGrantChecks = { pkceCodeVerifier, expectedState: oidc.skipStateCheck }
  return oidc.authorizationCodeGrant(configuration, callback, checks, undefined, { DPoP })
}
