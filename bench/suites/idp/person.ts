import { createHash, randomBytes } from 'node:crypto'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { CookieJar } from '../../../test/harness/cookie-jar.ts'
import { walkThroughPages } from '../../../test/harness/pages.ts'
import { scope } from '../../run/names.ts'
import { clientIds } from '../../run/oauth.ts'
import type { CodeGrant } from '../../run/oauth.ts'

const Answer = Type.Object({ refresh_token: Type.String() })

/** Where a person signs in for. */
export interface Application {
  readonly clientId: string
  /** Nobody needs to listen there: the walk ends before the last redirect is followed. */
  readonly redirectUri: string
  readonly scope: string
}

/** Its people are asked at each sign-in whether they agree, as those of native clients are. */
const native: Application = {
  clientId: clientIds.native,
  redirectUri: 'http://127.0.0.1:1/callback',
  scope: `openid offline_access ${scope}`,
}

interface Authorization {
  readonly url: URL
  readonly verifier: string
}

/** An authorization request with PKCE. */
function authorization(issuer: string, application: Application, prompt: string | undefined): Authorization {
  const verifier = randomBytes(32).toString('base64url')
  const url = new URL('/oauth/authorize', issuer)
  url.search = new URLSearchParams({
    client_id: application.clientId,
    response_type: 'code',
    redirect_uri: application.redirectUri,
    scope: application.scope,
    state: randomBytes(8).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(prompt === undefined ? {} : { prompt }),
  }).toString()
  return { url, verifier }
}

export interface Person {
  readonly username: string
  readonly password: string
}

export interface Wish {
  readonly application?: Application
  readonly prompt?: string
}

/** A code through the real pages; with the cookies of an earlier one, without a password. */
export async function personsCode(
  issuer: string,
  person: Person,
  jar: CookieJar,
  { application = native, prompt }: Wish = {},
): Promise<CodeGrant> {
  const { url, verifier } = authorization(issuer, application, prompt)
  const { redirectUri } = application
  const callback = await walkThroughPages({
    start: url,
    jar,
    ...person,
    until: (to) => to.href.startsWith(redirectUri),
  })
  return { code: callback.searchParams.get('code') ?? '', verifier, redirectUri }
}

/** A refresh token by code and PKCE. */
export async function personsRefreshToken(issuer: string, person: Person, jar: CookieJar): Promise<string> {
  const { code, verifier } = await personsCode(issuer, person, jar, { prompt: 'consent' })
  const response = await fetch(new URL('/oauth/token', issuer), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientIds.native,
      redirect_uri: native.redirectUri,
      code,
      code_verifier: verifier,
    }),
    signal: AbortSignal.timeout(10_000),
  })
  return Value.Parse(Answer, await response.json()).refresh_token
}
