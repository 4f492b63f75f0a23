import { endLoginPath } from '@gatehouse/kit/logout/protocol'
import * as oidc from 'openid-client'
import { ConfigurationSource } from './discovery.ts'
import { idpFailure, isUnknownKey } from './idp-answer.ts'
import { IdpRefused, IdpUnavailable } from './idp-failure.ts'
import type { LoginAttempt } from './login-attempt.ts'
import {
  idpTimeoutMs,
  type IssuedTokens,
  type MachineToken,
  type Questions,
  type RelyingPartyOptions,
} from './relying-party.ts'

export function idpClient(options: RelyingPartyOptions, fetch: oidc.CustomFetch): Questions {
  const authentication = oidc.PrivateKeyJwt(options.clientKey)
  const source = new ConfigurationSource({ ...options, authentication, timeoutMs: idpTimeoutMs, fetch })
  const call = async <T>(run: (configuration: oidc.Configuration) => Promise<T>): Promise<T> => {
    try {
      return await run(await source.get())
    } catch (error) {
      if (isUnknownKey(error)) await source.renew()
      throw idpFailure(error)
    }
  }
  return {
    authorizationUrl: (attempt, loginHint) =>
      call(async (configuration) =>
        oidc.buildAuthorizationUrlWithPAR(configuration, {
          ...(await authorizationRequest(attempt, options)),
          ...(loginHint === undefined ? {} : { login_hint: loginHint }),
        }),
      ),
    redeem: (query, attempt) => call((configuration) => redeem(configuration, query, attempt, options)),
    refresh: (refreshToken) =>
      call(async (configuration) =>
        issued(await oidc.refreshTokenGrant(configuration, refreshToken, { resource: options.resource })),
      ),
    clientCredentials: (wanted, needed) =>
      call((configuration) => machineToken(configuration, wanted, needed)),
    introspect: (accessToken) =>
      call((configuration) =>
        oidc.tokenIntrospection(configuration, accessToken, { token_type_hint: 'access_token' }),
      ),
    revoke: (refreshToken) =>
      call((configuration) =>
        oidc.tokenRevocation(configuration, refreshToken, { token_type_hint: 'refresh_token' }),
      ),
    endLogin: async (login, token) =>
      options.endsLogins && call((configuration) => endLogin(configuration, login, token)),
    endSessionUrl: () =>
      call(async (configuration) =>
        oidc.buildEndSessionUrl(configuration, { post_logout_redirect_uri: `${options.origin}/` }),
      ),
  }
}

async function authorizationRequest(
  attempt: LoginAttempt,
  { origin, resource, scopes }: RelyingPartyOptions,
): Promise<Record<string, string>> {
  return {
    redirect_uri: `${origin}/auth/callback`,
    // Without offline_access: what the gateway holds ends with the person's session at the IdP.
    scope: ['openid', 'profile', ...scopes].join(' '),
    resource,
    ...attempt.parameters,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(attempt.codeVerifier),
    code_challenge_method: 'S256',
  }
}

async function redeem(
  configuration: oidc.Configuration,
  query: string,
  attempt: LoginAttempt,
  options: RelyingPartyOptions,
): Promise<IssuedTokens & { readonly idClaims: oidc.IDToken }> {
  // Built from the configured origin, never from Host: it becomes the redirect_uri that the code is bound to.
  const currentUrl = new URL(`${options.origin}/auth/callback`)
  currentUrl.search = query
  const checks = {
    expectedState: attempt.state,
    expectedNonce: attempt.nonce,
    pkceCodeVerifier: attempt.codeVerifier,
  }
  const tokens = issued(
    await oidc.authorizationCodeGrant(configuration, currentUrl, checks, { resource: options.resource }),
  )
  if (tokens.idClaims === undefined) throw new IdpRefused('no_id_token')
  return { ...tokens, idClaims: tokens.idClaims }
}

async function machineToken(
  configuration: oidc.Configuration,
  resource: string,
  wanted: string,
): Promise<MachineToken> {
  const { access_token: accessToken, expires_in: seconds = 0 } = await oidc.clientCredentialsGrant(
    configuration,
    { resource, scope: wanted },
  )
  return { accessToken, lifeMs: seconds * 1000 }
}

async function endLogin(
  configuration: oidc.Configuration,
  login: { readonly sub: string; readonly sid: string },
  token: () => Promise<string>,
): Promise<boolean> {
  const { status } = await oidc.fetchProtectedResource(
    configuration,
    await token(),
    new URL(endLoginPath, configuration.serverMetadata().issuer),
    'POST',
    new URLSearchParams(login),
    new Headers({ 'content-type': 'application/x-www-form-urlencoded' }),
  )
  if (status !== 204) throw new IdpUnavailable(`answered ${status}`)
  return true
}

function issued(response: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers): IssuedTokens {
  return {
    accessToken: response.access_token,
    refreshToken: response.refresh_token,
    idClaims: response.claims(),
  }
}
