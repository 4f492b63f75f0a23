import { readFileSync } from 'node:fs'
import { importJWK, SignJWT } from 'jose'
import { textField } from './json.ts'

export interface TokenRequest {
  /** Default `demo-machine`. */
  readonly client?: string
  /** Space separated; without it the client's default. */
  readonly scope?: string
  /** RFC 8707; without it the IdP's default, `urn:gatehouse:api`. */
  readonly resource?: string
}

/** How a client proves who it is at the token endpoint. */
export type ClientAuthentication =
  { readonly secret: string } | { readonly jwkFile: string; readonly issuer: string }

/** Asks for a token by client credentials (RFC 6749 section 4.4); answers the token endpoint's response as it is. */
export async function requestMachineToken(
  tokenEndpoint: string,
  { client = 'demo-machine', scope, resource }: TokenRequest,
  authentication: ClientAuthentication,
): Promise<Response> {
  const body = new URLSearchParams({ grant_type: 'client_credentials' })
  if (scope !== undefined) body.set('scope', scope)
  if (resource !== undefined) body.set('resource', resource)
  const headers = new Headers()
  if ('secret' in authentication) {
    // RFC 6749 section 2.3.1: both are form-encoded before they are put together.
    const pair = [client, authentication.secret].map(encodeURIComponent).join(':')
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`)
  } else {
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    body.set('client_assertion', await clientAssertion(client, authentication))
  }
  return fetch(tokenEndpoint, { method: 'POST', headers, body, signal: AbortSignal.timeout(20_000) })
}

/** Takes the access token out of a token endpoint's answer; anything but success is an error with its text. */
export async function accessTokenOf(response: Response): Promise<string> {
  const text = await response.text()
  if (!response.ok) throw new Error(`the token endpoint answered ${response.status}: ${text}`)
  return textField(JSON.parse(text), 'access_token')
}

/** RFC 7523 section 2.2, with the issuer as audience (as RFC 7523bis demands). */
async function clientAssertion(client: string, at: { readonly jwkFile: string; readonly issuer: string }) {
  const jwk = JSON.parse(readFileSync(at.jwkFile, 'utf8'))
  const key = await importJWK(jwk, 'ES256')
  return new SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: textField(jwk, 'kid') })
    .setIssuer(client)
    .setSubject(client)
    .setAudience(at.issuer)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(key)
}
