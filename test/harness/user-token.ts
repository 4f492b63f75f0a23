import { createHash, randomBytes } from 'node:crypto'
import { CookieJar } from './cookie-jar.ts'
import { walkThroughPages } from './pages.ts'

export interface UserTokenRequest {
  readonly issuer: string
  readonly username: string
  readonly password: string
  /** Space separated; default `openid orders:read`. */
  readonly scope?: string | undefined
}

const clientId = 'demo-native'
// Nobody listens there: the walk ends before the last redirect is followed.
const redirectUri = 'http://127.0.0.1:1/callback'

/** A person's token for `demo-native`, by code and PKCE through the real pages; the token endpoint's answer as it is. */
export async function requestUserToken(request: UserTokenRequest): Promise<Response> {
  const { issuer, username, password, scope = 'openid orders:read' } = request
  const verifier = randomBytes(32).toString('base64url')
  const state = randomBytes(16).toString('base64url')
  const start = new URL('/oauth/authorize', issuer)
  start.search = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(scope.split(' ').includes('offline_access') ? { prompt: 'consent' } : {}),
  }).toString()
  const callback = await walkThroughPages({
    start,
    jar: new CookieJar(),
    username,
    password,
    until: (url) => url.href.startsWith(redirectUri),
  })
  const code = callback.searchParams.get('code')
  if (code === null || callback.searchParams.get('state') !== state) {
    throw new Error(`the authorization endpoint answered ${callback.search}`)
  }
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code,
    code_verifier: verifier,
  })
  return fetch(new URL('/oauth/token', issuer), {
    method: 'POST',
    body,
    signal: AbortSignal.timeout(20_000),
  })
}
