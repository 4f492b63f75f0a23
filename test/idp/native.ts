import { createHash, randomBytes } from 'node:crypto'
import type { Platform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { locationOf, Person, type Seen } from './person.ts'

export const nativeClient = 'demo-native'
export const redirectUri = 'http://127.0.0.1:49152/callback'

export interface Pkce {
  readonly verifier: string
  readonly challenge: string
}

export function newPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** An authorization request of `demo-native`; what is undefined in `changes` is left out. */
export function authorizeUrl(
  issuer: string,
  pkce: Pkce,
  changes: Readonly<Record<string, string | undefined>> = {},
): URL {
  const url = new URL('/oauth/authorize', issuer)
  const params = {
    client_id: nativeClient,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile orders:read',
    state: 'st-1',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  for (const [name, value] of Object.entries(params))
    if (value !== undefined) url.searchParams.set(name, value)
  return url
}

export interface Arrived {
  readonly person: Person
  /** The redirect to the client. */
  readonly callback: URL
}

/** Signs in as somebody and allows everything. */
export async function authorize(
  platform: Platform,
  url: URL,
  options: { username?: string; password?: string; person?: Person } = {},
): Promise<Arrived> {
  const { username = 'alice', person = new Person() } = options
  let page: Seen = await person.follow(await person.open(url))
  if (page.html.includes('type="password"')) {
    const { password = platform.credentials.password(username) } = options
    page = await person.signIn(page, username, password)
  }
  if (page.status === 200) page = await person.follow(await person.submit(page, 'Allow'))
  return { person, callback: locationOf(page) }
}

/** A request to the token endpoint. A secret makes it one with `client_secret_basic`. */
export function tokenRequest(
  issuer: string,
  params: Readonly<Record<string, string>>,
  basic?: { readonly id: string; readonly secret: string },
): Promise<Response> {
  const headers = new Headers()
  if (basic !== undefined) {
    headers.set('authorization', `Basic ${Buffer.from(`${basic.id}:${basic.secret}`).toString('base64')}`)
  }
  return fetch(new URL('/oauth/token', issuer), {
    method: 'POST',
    headers,
    body: new URLSearchParams(params),
    signal: AbortSignal.timeout(20_000),
  })
}

export interface CodeGrant {
  readonly person: Person
  readonly code: string
  /** What redeems the code. */
  readonly params: Readonly<Record<string, string>>
}

/** A fresh code of `demo-native` and how to redeem it. */
export async function newCode(
  platform: Platform,
  changes: Readonly<Record<string, string>> = {},
): Promise<CodeGrant> {
  const pkce = newPkce()
  const { person, callback } = await authorize(platform, authorizeUrl(platform.config.issuer, pkce, changes))
  const code = callback.searchParams.get('code')
  if (code === null) throw new Error(`no code: ${callback.href}`)
  const params = {
    grant_type: 'authorization_code',
    client_id: nativeClient,
    redirect_uri: redirectUri,
    code,
    code_verifier: pkce.verifier,
  }
  return { person, code, params }
}

/** Tokens of `demo-native` for alice. */
export async function newTokens(
  platform: Platform,
  changes: Readonly<Record<string, string>> = {},
): Promise<{ accessToken: string; refreshToken: string; idToken: string; person: Person }> {
  const { person, params } = await newCode(platform, changes)
  const answer: unknown = await (await tokenRequest(platform.config.issuer, params)).json()
  return {
    person,
    accessToken: textField(answer, 'access_token'),
    refreshToken: textField(answer, 'refresh_token'),
    idToken: textField(answer, 'id_token'),
  }
}

export function refresh(
  issuer: string,
  refreshToken: string,
  more: Record<string, string> = {},
): Promise<Response> {
  return tokenRequest(issuer, {
    grant_type: 'refresh_token',
    client_id: nativeClient,
    refresh_token: refreshToken,
    ...more,
  })
}

/** Status and OAuth error of an answer. */
export async function outcome(response: Response): Promise<string> {
  const body: unknown = await response.json()
  return response.ok ? String(response.status) : `${response.status} ${textField(body, 'error')}`
}
