import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { publicJwk } from '@gatehouse/kit/keys/jwk'

export interface IssuerKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** An issuer of access tokens that speaks real HTTP and serves nothing but its keys. */
export class FakeIssuer {
  readonly issuer: string
  /** How often the keys were fetched, and whatever else was asked for. */
  jwksFetches = 0
  readonly otherRequests: string[] = []
  /** What signs unless a token says otherwise. */
  key: IssuerKey
  /** What is served. */
  published: readonly IssuerKey[]
  /** What is answered instead of the keys, with this status. */
  broken: { readonly status: number; readonly body: string } | undefined
  readonly #server: Server

  private constructor(port: number) {
    this.issuer = `http://localhost:${port}`
    this.key = newKey()
    this.published = [this.key]
    this.#server = createServer((request, response) => {
      if (request.url !== '/oauth/jwks') {
        this.otherRequests.push(request.url ?? '')
        response.writeHead(404).end()
        return
      }
      this.jwksFetches++
      const keys = this.published.map(({ publicKey }) => publicJwk(publicKey))
      const { status, body } = this.broken ?? { status: 200, body: JSON.stringify({ keys }) }
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
  }

  static async start(port: number): Promise<FakeIssuer> {
    const issuer = new FakeIssuer(port)
    await new Promise<void>((resolve, reject) => {
      issuer.#server.once('error', reject).listen(port, 'localhost', resolve)
    })
    return issuer
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  /** Claims of a good token; a change to `undefined` takes a claim away. */
  claims(changes: object = {}): object {
    const iat = Math.floor(Date.now() / 1000)
    return {
      iss: this.issuer,
      sub: 'acc-alice',
      aud: 'urn:gatehouse:api',
      client_id: 'demo-native',
      scope: 'users:read orders:read orders:write inventory:read inventory:write',
      iat,
      exp: iat + 300,
      jti: randomUUID(),
      sid: 'sid-1',
      roles: ['customer'],
      ...changes,
    }
  }

  header(changes: object = {}): object {
    return { alg: 'ES256', kid: this.key.kid, typ: 'at+jwt', ...changes }
  }

  /** A good token, but for what is changed. */
  token(claims: object = {}, header: object = {}): string {
    return this.sign(JSON.stringify(this.header(header)), JSON.stringify(this.claims(claims)))
  }

  /** A JWS of any two texts, signed with the issuer's key (RFC 7518 section 3.4). */
  sign(header: string, payload: string, key: IssuerKey = this.key): string {
    const input = `${base64url(header)}.${base64url(payload)}`
    return `${input}.${ecdsa(input, key.privateKey).toString('base64url')}`
  }
}

export function newKey(): IssuerKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { kid: publicJwk(publicKey).kid, privateKey, publicKey }
}

export function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}

export function ecdsa(
  input: string,
  key: KeyObject,
  dsaEncoding: 'der' | 'ieee-p1363' = 'ieee-p1363',
): Buffer {
  return sign('sha256', Buffer.from(input), { key, dsaEncoding })
}
