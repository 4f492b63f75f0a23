import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'
import type { IDToken } from 'openid-client'
import { createIdpFetch } from '../http/idp-fetch.ts'
import type { ClientKey } from './client-key.ts'
import type { LoginAttempt } from './login-attempt.ts'

/** Longest wait for one answer of the IdP, milliseconds. */
export const idpTimeoutMs = 3000

/** What the IdP handed out, its ID token checked (signature, `iss`, `aud`, `exp`, `nonce`). */
export interface IssuedTokens {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly idClaims: IDToken | undefined
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
  redeem(query: string, attempt: LoginAttempt): Promise<IssuedTokens & { readonly idClaims: IDToken }>
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

/** What is asked of the IdP. */
export type Questions = Omit<RelyingParty, 'close'>

export interface RelyingPartyOptions {
  readonly issuer: string
  readonly clientId: string
  readonly origin: string
  readonly resource: string
  /** Of the APIs. */
  readonly scopes: readonly string[]
  /** Whether the issuer is the IdP of Gatehouse, which ends logins where kit/logout/protocol.ts says. */
  readonly endsLogins: boolean
  readonly clientKey: ClientKey
  readonly clock: Clock
  readonly log: Logger
}

/** `openid-client`, with what it brings, is loaded with the first question to the IdP. */
export function createRelyingParty(options: RelyingPartyOptions): RelyingParty {
  const { fetch, close } = createIdpFetch(idpTimeoutMs)
  let loading: Promise<Questions> | undefined
  const client = (): Promise<Questions> => {
    loading ??= import('./idp-client.ts').then(({ idpClient }) => idpClient(options, fetch))
    return loading
  }
  return {
    authorizationUrl: async (attempt, loginHint) => (await client()).authorizationUrl(attempt, loginHint),
    redeem: async (query, attempt) => (await client()).redeem(query, attempt),
    refresh: async (refreshToken) => (await client()).refresh(refreshToken),
    clientCredentials: async (resource, scope) => (await client()).clientCredentials(resource, scope),
    revoke: async (refreshToken) => (await client()).revoke(refreshToken),
    introspect: async (accessToken) => (await client()).introspect(accessToken),
    endLogin: async (login, token) => (await client()).endLogin(login, token),
    endSessionUrl: async () => (await client()).endSessionUrl(),
    close,
  }
}
