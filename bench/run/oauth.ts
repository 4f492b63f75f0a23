import { randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { requestText } from '../load/requests.ts'
import { signEs256 } from '@gatehouse/kit/tokens/es256'
import { scope } from './names.ts'

/** The same names as the demo clients of Gatehouse. */
export const clientIds = {
  secret: 'demo-machine',
  assertion: 'demo-machine-jwt',
  native: 'demo-native',
} as const

/** Where a token endpoint is, and whom an assertion for it must name. */
export interface TokenEndpoint {
  readonly host: string
  readonly path: string
  readonly issuer: string
}

const form = 'application/x-www-form-urlencoded'
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const assertionSeconds = 500

function post(
  at: TokenEndpoint,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): string {
  return requestText({
    method: 'POST',
    path: at.path,
    host: at.host,
    headers: { 'content-type': form, ...headers },
    body: new URLSearchParams(fields).toString(),
  })
}

/** Client credentials with `client_secret_basic` (RFC 6749 sections 2.3.1 and 4.4). */
export function secretRequest(at: TokenEndpoint, secret: string): string {
  return post(at, { grant_type: 'client_credentials', scope }, basic(secret))
}

/** Client credentials with `private_key_jwt` (RFC 7523); every assertion can be used once. */
export function assertionRequest(at: TokenEndpoint, key: KeyObject, kid: string): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: clientIds.assertion,
    sub: clientIds.assertion,
    aud: at.issuer,
    jti: randomBytes(16).toString('base64url'),
    iat: now,
    exp: now + assertionSeconds,
  }
  const input = `${encode({ alg: 'ES256', kid })}.${encode(claims)}`
  return post(at, {
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: assertionType,
    client_assertion: `${input}.${signEs256(input, key).toString('base64url')}`,
  })
}

/** A refresh; the token stands last, so that its successor can be written over it. */
export function refreshRequest(at: TokenEndpoint, token: string): string {
  return post(at, { grant_type: 'refresh_token', client_id: clientIds.native, refresh_token: token })
}

/** What a code is exchanged with (RFC 6749 section 4.1.3, RFC 7636 section 4.5). */
export interface CodeGrant {
  readonly code: string
  readonly verifier: string
  readonly redirectUri: string
}

/** The exchange of a code by the public client; each code can be used once. */
export function codeRequest(at: TokenEndpoint, { code, verifier, redirectUri }: CodeGrant): string {
  return post(at, {
    grant_type: 'authorization_code',
    client_id: clientIds.native,
    redirect_uri: redirectUri,
    code,
    code_verifier: verifier,
  })
}

export const refreshChain = { after: '"refresh_token":"', into: '&refresh_token=' } as const

/** Introspection of a token (RFC 7662) by the public client that it was issued to. */
export function introspectionRequest(at: TokenEndpoint, token: string): string {
  return post(at, { client_id: clientIds.native, token })
}

function basic(secret: string): Record<string, string> {
  const pair = `${encodeURIComponent(clientIds.secret)}:${encodeURIComponent(secret)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
