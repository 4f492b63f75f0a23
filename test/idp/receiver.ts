import { randomUUID } from 'node:crypto'
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose'
import type { Platform } from '../harness/index.ts'
import { isRecord, textField } from '../harness/json.ts'
import { WebClient } from './web.ts'

export interface Delivered {
  readonly jti: string
  readonly claims: JWTPayload
  /** Last part of the event's type. */
  readonly type: string
}

/** A receiver of the IdP's security events, as the gateway is one, that does nothing by itself. */
export class Receiver {
  readonly stream: string
  readonly #platform: Platform
  #token: string | undefined

  constructor(platform: Platform, stream: string = randomUUID()) {
    this.#platform = platform
    this.stream = stream
  }

  async token(): Promise<string> {
    this.#token ??= textField(
      await (
        await new WebClient(this.#platform).post('/oauth/token', {
          grant_type: 'client_credentials',
          resource: 'urn:gatehouse:events',
        })
      ).json(),
      'access_token',
    )
    return this.#token
  }

  /** RFC 8936 section 2.4; nobody waits unless the test says so. */
  async request(body: Readonly<Record<string, unknown>> = {}, query = ''): Promise<Response> {
    const url = new URL(`/events/poll?stream=${this.stream}${query}`, this.#platform.config.issuer)
    return fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${await this.token()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ returnImmediately: true, ...body }),
      signal: AbortSignal.timeout(20_000),
    })
  }

  /** What is outstanding, every SET verified. */
  async poll(body: Readonly<Record<string, unknown>> = {}, query = ''): Promise<readonly Delivered[]> {
    const answer: unknown = await (await this.request(body, query)).json()
    const sets = isRecord(answer) && isRecord(answer['sets']) ? Object.entries(answer['sets']) : []
    return Promise.all(sets.map(([jti, set]) => this.#verify(jti, set)))
  }

  async #verify(jti: string, set: unknown): Promise<Delivered> {
    const { issuer, gateway } = this.#platform.config
    const keys = createRemoteJWKSet(new URL('/oauth/jwks', issuer))
    const { payload } = await jwtVerify(String(set), keys, {
      issuer,
      audience: gateway.clientId,
      typ: 'secevent+jwt',
    })
    if (payload.jti !== jti) throw new Error('a SET under another name')
    const [type = ''] = Object.keys(Object(payload['events']))
    return { jti, claims: payload, type: type.split(/[/:]/).at(-1) ?? '' }
  }
}
