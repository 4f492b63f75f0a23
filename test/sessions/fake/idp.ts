import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createHash } from 'node:crypto'
import { exportJWK, SignJWT } from 'jose'

/** What the fake says of a person, and how it behaves. Tests change it as they go. */
export interface FakeIdpState {
  sub: string
  sid: string
  accessTokenSeconds: number
  /** Put over the claims of the next ID tokens. */
  idClaims: Record<string, unknown>
  /** Put over the claims of the next access tokens. */
  accessClaims: Record<string, unknown>
  /** Answers refreshes with `invalid_grant`. */
  refuseRefresh: boolean
  /** Answers everything but discovery and keys with 503. */
  down: boolean
  /** Milliseconds before the token endpoint answers. */
  delayMs: number
  /** The token endpoint answers nobody before this. */
  held: Promise<void> | undefined
  /** Answers the refresh token that was used last once more. */
  repeats: boolean
}

interface Pushed {
  readonly parameters: URLSearchParams
}

/** An identity server as far as a relying party sees it, over real HTTP: PAR, code with PKCE, refresh with rotation. */
export class FakeIdp {
  readonly state: FakeIdpState = {
    sub: 'acc-alice',
    sid: 'sid-1',
    accessTokenSeconds: 300,
    idClaims: {},
    accessClaims: {},
    refuseRefresh: false,
    down: false,
    delayMs: 0,
    held: undefined,
    repeats: false,
  }
  /** Requests by path, `/token` further by grant type. */
  readonly calls = new Map<string, number>()
  readonly revoked: string[] = []
  readonly issuer: string
  readonly #server: Server
  readonly #pushed = new Map<string, Pushed>()
  readonly #codes = new Map<string, Pushed>()
  #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  #kid = 'k1'
  refreshToken = ''
  #usedRefreshToken = ''

  constructor(server: Server) {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the server does not listen')
    this.issuer = `http://localhost:${address.port}`
    this.#server = server
    server.on('request', (request, response) => void this.#answer(request, response))
  }

  static async start(t: { teardown(run: () => Promise<void>): unknown }, port = 0): Promise<FakeIdp> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve))
    const idp = new FakeIdp(server)
    t.teardown(() => idp.stop())
    return idp
  }

  get port(): number {
    return Number(new URL(this.issuer).port)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  count(call: string): number {
    return this.calls.get(call) ?? 0
  }

  /** What the person at the authorization endpoint does: agrees. @returns the callback URL */
  authorize(location: string, change: Record<string, string | undefined> = {}): URL {
    const requestUri = new URL(location).searchParams.get('request_uri') ?? ''
    const pushed = this.#pushed.get(requestUri)
    if (pushed === undefined) throw new Error('nothing was pushed under this request_uri')
    const code = randomUUID()
    this.#codes.set(code, pushed)
    const callback = new URL(pushed.parameters.get('redirect_uri') ?? '')
    const answer = { code, state: pushed.parameters.get('state') ?? '', iss: this.issuer, ...change }
    for (const [name, value] of Object.entries(answer)) {
      if (value !== undefined) callback.searchParams.set(name, value)
    }
    return callback
  }

  /** The authorization request behind a redirect. */
  pushedBehind(location: string): URLSearchParams {
    const pushed = this.#pushed.get(new URL(location).searchParams.get('request_uri') ?? '')
    if (pushed === undefined) throw new Error('nothing was pushed')
    return pushed.parameters
  }

  /** Signs with another key from now on, and publishes that one alone. */
  turnKeys(kid: string): void {
    this.#keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#kid = kid
  }

  /** Any JWT under the key of this issuer. */
  sign(typ: string, claims: Record<string, unknown>): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: this.#kid, typ })
      .sign(this.#keys.privateKey)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    const form = new URLSearchParams(await text(request))
    const call = path === '/token' ? `/token ${form.get('grant_type')}` : path
    this.calls.set(call, this.count(call) + 1)
    const isMetadata = path.startsWith('/.well-known') || path === '/jwks'
    if (this.state.down && !isMetadata) return send(response, 503, {})
    switch (path) {
      case '/.well-known/openid-configuration':
        return send(response, 200, this.#metadata())
      case '/jwks':
        return send(response, 200, {
          keys: [{ ...(await exportJWK(this.#keys.publicKey)), kid: this.#kid, alg: 'ES256', use: 'sig' }],
        })
      case '/par': {
        const requestUri = `urn:ietf:params:oauth:request_uri:${randomUUID()}`
        this.#pushed.set(requestUri, { parameters: form })
        return send(response, 201, { request_uri: requestUri, expires_in: 60 })
      }
      case '/token':
        return this.#token(form, response)
      case '/revoke':
        this.revoked.push(form.get('token') ?? '')
        return send(response, 200, {})
      default:
        return send(response, 404, {})
    }
  }

  async #token(form: URLSearchParams, response: ServerResponse): Promise<void> {
    await this.state.held
    if (this.state.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.state.delayMs))
    if (form.get('client_assertion') === null) return send(response, 401, { error: 'invalid_client' })
    if (form.get('grant_type') === 'refresh_token') {
      const given = form.get('refresh_token')
      if (this.state.repeats && given === this.#usedRefreshToken) return this.#issue(response)
      const isGood = given === this.refreshToken && !this.state.refuseRefresh
      if (isGood) this.#usedRefreshToken = this.refreshToken
      return isGood ? this.#issue(response) : send(response, 400, { error: 'invalid_grant' })
    }
    const pushed = this.#codes.get(form.get('code') ?? '')
    this.#codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (pushed === undefined || pushed.parameters.get('code_challenge') !== challenge) {
      return send(response, 400, { error: 'invalid_grant' })
    }
    return this.#issue(response, pushed.parameters.get('nonce') ?? undefined)
  }

  async #issue(response: ServerResponse, nonce?: string): Promise<void> {
    this.refreshToken = `refresh-${randomUUID()}`
    const iat = Math.floor(Date.now() / 1000)
    const { sub, sid, accessTokenSeconds } = this.state
    const common = { iss: this.issuer, sub, sid, iat, auth_time: iat }
    const access = {
      ...common,
      aud: 'urn:gatehouse:api',
      client_id: 'gateway',
      scope: 'orders:read orders:write',
      jti: randomUUID(),
      exp: iat + accessTokenSeconds,
      roles: ['customer'],
      ...this.state.accessClaims,
    }
    const id = {
      ...common,
      aud: 'gateway',
      exp: iat + 300,
      ...(nonce === undefined ? {} : { nonce }),
      preferred_username: 'alice',
      name: 'Alice',
      ...this.state.idClaims,
    }
    send(response, 200, {
      access_token: await this.sign('at+jwt', access),
      id_token: await this.sign('JWT', id),
      refresh_token: this.refreshToken,
      token_type: 'Bearer',
      expires_in: accessTokenSeconds,
    })
  }

  #metadata() {
    const { issuer } = this
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      pushed_authorization_request_endpoint: `${issuer}/par`,
      token_endpoint: `${issuer}/token`,
      revocation_endpoint: `${issuer}/revoke`,
      end_session_endpoint: `${issuer}/logout`,
      jwks_uri: `${issuer}/jwks`,
      authorization_response_iss_parameter_supported: true,
      id_token_signing_alg_values_supported: ['ES256'],
    }
  }
}

async function text(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
