import type { Platform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { assertionType, clientAssertion } from './assertion.ts'
import { authorize, newPkce, tokenRequest, type Arrived, type Pkce } from './native.ts'
import type { Person } from './person.ts'

/** What the gateway does at the IdP, without the gateway. */
export class WebClient {
  readonly #platform: Platform

  constructor(platform: Platform) {
    this.#platform = platform
  }

  get redirectUri(): string {
    return `${this.#platform.config.gateway.origin}/auth/callback`
  }

  async #authentication(): Promise<Record<string, string>> {
    const { config, paths } = this.#platform
    const client = { id: config.gateway.clientId, keyFile: paths.gatewayClientKey, issuer: config.issuer }
    return { client_assertion_type: assertionType, client_assertion: await clientAssertion(client) }
  }

  /** POST to an endpoint, authenticated. */
  async post(path: string, params: Readonly<Record<string, string>>): Promise<Response> {
    return fetch(new URL(path, this.#platform.config.issuer), {
      method: 'POST',
      body: new URLSearchParams({ ...params, ...(await this.#authentication()) }),
      signal: AbortSignal.timeout(20_000),
    })
  }

  push(pkce: Pkce, changes: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.post('/oauth/par', {
      client_id: this.#platform.config.gateway.clientId,
      response_type: 'code',
      redirect_uri: this.redirectUri,
      scope: 'openid profile offline_access users:read orders:read orders:write inventory:read',
      state: 'st-web',
      nonce: 'no-web',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
      ...changes,
    })
  }

  /** A pushed request, ready for the browser. */
  async pushedUrl(pkce: Pkce, changes: Readonly<Record<string, string>> = {}): Promise<URL> {
    const url = new URL('/oauth/authorize', this.#platform.config.issuer)
    url.searchParams.set('client_id', this.#platform.config.gateway.clientId)
    url.searchParams.set(
      'request_uri',
      textField(await (await this.push(pkce, changes)).json(), 'request_uri'),
    )
    return url
  }

  async authorize(
    changes: Readonly<Record<string, string>> = {},
    options: { person?: Person; username?: string } = {},
  ): Promise<Arrived & { pkce: Pkce }> {
    const pkce = newPkce()
    const arrived = await authorize(this.#platform, await this.pushedUrl(pkce, changes), options)
    return { ...arrived, pkce }
  }

  async redeem(arrived: Arrived & { pkce: Pkce }): Promise<Response> {
    return tokenRequest(this.#platform.config.issuer, {
      grant_type: 'authorization_code',
      code: arrived.callback.searchParams.get('code') ?? '',
      redirect_uri: this.redirectUri,
      code_verifier: arrived.pkce.verifier,
      ...(await this.#authentication()),
    })
  }

  refresh(refreshToken: string, more: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.post('/oauth/token', { grant_type: 'refresh_token', refresh_token: refreshToken, ...more })
  }
}
