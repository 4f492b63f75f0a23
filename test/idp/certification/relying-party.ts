import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose'
import type { Test } from 'tap'
import { startPlatform, type Platform } from '../../harness/index.ts'
import { textField } from '../../harness/json.ts'
import { withClientsConfig } from '../keyed-client.ts'
import { tokenRequest } from '../native.ts'
import { Person, type Seen } from '../person.ts'

export const redirectUri = 'https://rp.example/cb'
const secret = 'a-secret-of-the-relying-party'

type Fields = Readonly<Record<string, string>>

/** A client of the classic plans: a secret, a `nonce`, no PKCE. */
export class RelyingParty {
  readonly platform: Platform
  readonly id: string

  constructor(platform: Platform, id: string) {
    this.platform = platform
    this.id = id
  }

  get issuer(): string {
    return this.platform.config.issuer
  }

  url(changes: Readonly<Record<string, string | undefined>> = {}): URL {
    const url = new URL('/oauth/authorize', this.issuer)
    const params = {
      client_id: this.id,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'openid',
      state: 'st-1',
      nonce: 'no-1',
      ...changes,
    }
    for (const [name, value] of Object.entries(params))
      if (value !== undefined) url.searchParams.set(name, value)
    return url
  }

  /** Signs in and allows what is asked, if anything is; the page or redirect at which it ends. */
  async end(url: URL, person = new Person()): Promise<Seen> {
    let page = await person.follow(await person.open(url))
    if (page.html.includes('type="password"'))
      page = await person.signIn(page, 'alice', this.platform.credentials.password('alice'))
    if (page.html.includes('>Allow</button>')) page = await person.follow(await person.submit(page, 'Allow'))
    return page
  }

  /** What the client gets, in query, fragment or form. */
  async respond(
    changes: Readonly<Record<string, string | undefined>> = {},
    person?: Person,
  ): Promise<Fields> {
    return responseOf(await this.end(this.url(changes), person))
  }

  token(params: Fields): Promise<Response> {
    return tokenRequest(this.issuer, params, { id: this.id, secret })
  }

  async redeem(code: string, more: Fields = {}): Promise<unknown> {
    const params = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...more }
    return (await this.token(params)).json()
  }

  async verified(token: string, alg: string): Promise<JWTPayload> {
    const keys = createRemoteJWKSet(new URL('/oauth/jwks', this.issuer))
    const options = { issuer: this.issuer, audience: this.id, algorithms: [alg] }
    return (await jwtVerify(token, keys, options)).payload
  }

  async accessToken(changes: Readonly<Record<string, string | undefined>> = {}): Promise<string> {
    const { code = '' } = await this.respond(changes)
    return textField(await this.redeem(code), 'access_token')
  }
}

export function responseOf(end: Seen): Fields {
  const location = end.headers.get('location')
  if (location === null) {
    const [form] = end.forms
    return Object.fromEntries(form?.fields.map(({ name, value }) => [name, value]) ?? [])
  }
  const url = new URL(location, end.url)
  return Object.fromEntries(url.hash === '' ? url.searchParams : new URLSearchParams(url.hash.slice(1)))
}

const everything = [
  'code',
  'code id_token',
  'code id_token token',
  'code token',
  'id_token',
  'id_token token',
]

export function entryOf(id: string, metadata: Readonly<Record<string, unknown>> = {}) {
  return {
    entry: {
      client_id: id,
      client_secret: secret,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code', 'refresh_token', 'implicit'],
      response_types: everything,
      redirect_uris: [redirectUri],
      scope: 'openid profile email offline_access orders:read',
      id_token_signed_response_alg: 'RS256',
      ...metadata,
    },
  }
}

/** An IdP under the certification profile with these clients. */
export function startCertified(
  t: Test,
  clients: readonly { readonly entry: Readonly<Record<string, unknown>> }[],
  idp: Readonly<Record<string, unknown>> = {},
): Promise<Platform> {
  const config = withClientsConfig(clients, { profile: 'certification', ...idp })
  return startPlatform({ only: ['idp'], t, config })
}
