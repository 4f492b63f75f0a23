import { isRecord, jwtParts } from '../../harness/index.ts'
import { textField } from '../../harness/json.ts'
import { authorize, authorizeUrl, newPkce } from '../native.ts'
import type { Person } from '../person.ts'
import { redirect, type Registered, type Setting } from './setting.ts'

type Params = Readonly<Record<string, string | undefined>>

export interface Outcome {
  readonly person: Person
  /** Parameters of the authorization response, whether they came plain or signed. */
  readonly response: Readonly<Record<string, unknown>>
  /** The signed response, where that was asked for. */
  readonly jwt: string | undefined
  readonly tokenStatus: number
  readonly tokens: Readonly<Record<string, unknown>>
}

/** Signs alice in, or finds her signed in, and redeems the code of a public client. */
export async function codeFlow(
  setting: Setting,
  client: Registered,
  params: Params,
  options: { readonly person?: Person; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  const pkce = newPkce()
  const asked = { client_id: client.id, redirect_uri: redirect, scope: 'openid', ...params }
  const url = authorizeUrl(setting.issuer, pkce, asked)
  const { person, callback } = await authorize(setting.platform, url, options)
  const jwt = callback.searchParams.get('response') ?? undefined
  const response = jwt === undefined ? Object.fromEntries(callback.searchParams) : jwtParts(jwt).payload
  const answer = await setting.post(
    '/oauth/token',
    {
      grant_type: 'authorization_code',
      client_id: client.id,
      redirect_uri: redirect,
      code: textField(response, 'code'),
      code_verifier: pkce.verifier,
    },
    options.headers,
  )
  const tokens: unknown = await answer.json()
  return { person, response, jwt, tokenStatus: answer.status, tokens: isRecord(tokens) ? tokens : {} }
}

/** What the userinfo endpoint says to this token. */
export function userinfo(setting: Setting, { tokens }: Outcome): Promise<Response> {
  const authorization = `Bearer ${textField(tokens, 'access_token')}`
  return fetch(`${setting.issuer}/oauth/userinfo`, { headers: { authorization } })
}
