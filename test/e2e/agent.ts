import * as oauth from 'oauth4webapi'
import type { Platform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import { locationOf, Person, type Seen } from '../idp/person.ts'

const insecure = { [oauth.allowInsecureRequests]: true }

/** What an agent finds that knows nothing but the URL of an API (RFC 9728, RFC 8414). */
export interface Found {
  /** Status of the first answer. */
  readonly status: number
  readonly resource: string
  readonly issuers: readonly unknown[]
  readonly as: oauth.AuthorizationServer
}

export async function findServer(platform: Platform): Promise<Found> {
  const first = await platform.fetch('/api/orders')
  const challenge = first.headers.get('www-authenticate') ?? ''
  const metadataUrl = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? ''
  const metadata: unknown = await (await fetch(metadataUrl)).json()
  const issuers = listField(metadata, 'authorization_servers')
  const url = new URL(String(issuers[0]))
  const as = await oauth.processDiscoveryResponse(
    url,
    await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...insecure }),
  )
  return { status: first.status, resource: textField(metadata, 'resource'), issuers, as }
}

/** An agent that asks alice whether it may read her orders. */
export class Agent {
  readonly start: URL
  readonly #as: oauth.AuthorizationServer
  readonly #client: oauth.Client
  readonly #redirectUri: string
  readonly #verifier: string

  private constructor(parts: {
    readonly start: URL
    readonly as: oauth.AuthorizationServer
    readonly client: oauth.Client
    readonly redirectUri: string
    readonly verifier: string
  }) {
    this.start = parts.start
    this.#as = parts.as
    this.#client = parts.client
    this.#redirectUri = parts.redirectUri
    this.#verifier = parts.verifier
  }

  static async of({ as, resource }: Found, client: oauth.Client, redirectUri: string): Promise<Agent> {
    const verifier = oauth.generateRandomCodeVerifier()
    const start = new URL(as.authorization_endpoint ?? '')
    start.search = new URLSearchParams({
      client_id: client.client_id,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'openid orders:read',
      resource,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString()
    return new Agent({ start, as, client, redirectUri, verifier })
  }

  /** @returns the page on which alice is asked, and what comes of her agreeing */
  async ask(
    platform: Platform,
  ): Promise<{ readonly consent: Seen; readonly allowed: () => Promise<oauth.TokenEndpointResponse> }> {
    const person = new Person()
    const login = await person.follow(await person.open(this.start))
    const consent = await person.signIn(login, 'alice', platform.credentials.password('alice'))
    return {
      consent,
      allowed: async () =>
        this.#redeem(locationOf(await person.follow(await person.submit(consent, 'Allow')))),
    }
  }

  async #redeem(callback: URL): Promise<oauth.TokenEndpointResponse> {
    const response = await oauth.authorizationCodeGrantRequest(
      this.#as,
      this.#client,
      oauth.None(),
      oauth.validateAuthResponse(this.#as, this.#client, callback, oauth.expectNoState),
      this.#redirectUri,
      this.#verifier,
      insecure,
    )
    return oauth.processAuthorizationCodeResponse(this.#as, this.#client, response)
  }
}
