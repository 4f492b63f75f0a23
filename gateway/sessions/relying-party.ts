import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'
import { endLoginPath } from '@gatehouse/kit/logout/protocol'
import * as oidc from 'openid-client'
import { ConfigurationSource } from './discovery.ts'
import { createIdpFetch } from '../http/idp-fetch.ts'
import { idpFailure, IdpRefused, IdpUnavailable } from './idp-failure.ts'
import type { LoginAttempt } from './login-attempt.ts'

// Without offline_access: what the gateway holds ends with the person's session at the IdP.
const scope = 'openid profile users:read orders:read orders:write inventory:read'

/** Longest wait for one answer of the IdP, milliseconds. */
export const idpTimeoutMs = 3000

/** What the IdP handed out, its ID token checked (signature, `iss`, `aud`, `exp`, `nonce`). */
export interface IssuedTokens {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly idClaims: oidc.IDToken | undefined
}

export interface MachineToken {
  readonly accessToken: string
  /** Milliseconds from its issue. */
  readonly lifeMs: number
}

/**
 * The gateway as client of the IdP, by the certified `openid-client`. Every method throws `IdpUnavailable` when there
 * was no usable answer in time and `IdpRefused` when the answer was no, or did not pass the checks.
 */
export interface RelyingParty {
  /**
   * Pushes the authorization request (RFC 9126) and tells where the browser must go.
   * @param loginHint name of the person, where it is known (OpenID Connect Core section 3.1.2.1)
   */
  authorizationUrl(attempt: LoginAttempt, loginHint?: string): Promise<URL>
  /** Checks the authorization response (`state`, RFC 9207 `iss`) and only then redeems its code. */
  redeem(query: string, attempt: LoginAttempt): Promise<IssuedTokens & { readonly idClaims: oidc.IDToken }>
  refresh(refreshToken: string): Promise<IssuedTokens>
  /** The gateway for itself (RFC 6749 section 4.4), with a resource (RFC 8707). */
  clientCredentials(resource: string, scope: string): Promise<MachineToken>
  /** RFC 7009. */
  revoke(refreshToken: string): Promise<void>
  /** RFC 7662: what an access token is worth. */
  introspect(accessToken: string): Promise<object>
  /**
   * Ends a login at the IdP from here (kit/logout/protocol.ts). @returns false where the IdP cannot do that
   * @param token gives the gateway's own token for it
   */
  endLogin(
    login: { readonly sub: string; readonly sid: string },
    token: () => Promise<string>,
  ): Promise<boolean>
  /** OpenID Connect RP-Initiated Logout, by `client_id`: an `id_token_hint` would put a token into the browser. */
  endSessionUrl(): Promise<URL>
  close(): Promise<void>
}

export interface RelyingPartyOptions {
  readonly issuer: string
  readonly clientId: string
  readonly origin: string
  readonly resource: string
  /** Whether the issuer is the IdP of Gatehouse, which ends logins where kit/logout/protocol.ts says. */
  readonly endsLogins: boolean
  readonly authentication: oidc.ClientAuth
  readonly clock: Clock
  readonly log: Logger
}

export function createRelyingParty(options: RelyingPartyOptions): RelyingParty {
  const { fetch, close } = createIdpFetch(idpTimeoutMs)
  const source = new ConfigurationSource({ ...options, timeoutMs: idpTimeoutMs, fetch })
  const { origin, resource } = options
  const call = async <T>(run: (configuration: oidc.Configuration) => Promise<T>): Promise<T> => {
    try {
      return await run(await source.get())
    } catch (error) {
      throw idpFailure(error)
    }
  }
  return {
    authorizationUrl: (attempt, loginHint) =>
      call(async (configuration) =>
        oidc.buildAuthorizationUrlWithPAR(configuration, {
          ...(await authorizationRequest(attempt, origin, resource)),
          ...(loginHint === undefined ? {} : { login_hint: loginHint }),
        }),
      ),
    redeem: (query, attempt) => call((configuration) => redeem(configuration, query, attempt, options)),
    refresh: (refreshToken) =>
      call(async (configuration) =>
        issued(await oidc.refreshTokenGrant(configuration, refreshToken, { resource })),
      ),
    clientCredentials: (wanted, needed) =>
      call(async (configuration) => {
        const { access_token: accessToken, expires_in: seconds = 0 } = await oidc.clientCredentialsGrant(
          configuration,
          { resource: wanted, scope: needed },
        )
        return { accessToken, lifeMs: seconds * 1000 }
      }),
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
        oidc.buildEndSessionUrl(configuration, { post_logout_redirect_uri: `${origin}/` }),
      ),
    close,
  }
}

async function authorizationRequest(
  attempt: LoginAttempt,
  origin: string,
  resource: string,
): Promise<Record<string, string>> {
  return {
    redirect_uri: `${origin}/auth/callback`,
    scope,
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
