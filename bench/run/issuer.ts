import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import http from 'node:http'
import { signEs256 } from '@gatehouse/kit/tokens/es256'
import { audience, scope } from './names.ts'

export type Algorithm = 'ES256' | 'RS256'

export interface TokenOptions {
  readonly sub: string
  readonly algorithm?: Algorithm
  /** Seconds from now. */
  readonly lifetime?: number
}

interface IssuerKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** An issuer of access tokens with discovery and JWKS, in the bench's own process: it is asked once by a contestant. */
export class Issuer {
  readonly #keys: Readonly<Record<Algorithm, IssuerKey>>
  readonly #server: http.Server
  #port = 0

  constructor() {
    this.#keys = {
      ES256: { kid: 'bench-es256', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
      RS256: { kid: 'bench-rs256', ...generateKeyPairSync('rsa', { modulusLength: 2048 }) },
    }
    this.#server = http.createServer((request, response) => {
      const document = this.#document(request.url ?? '/')
      const body = JSON.stringify(document ?? { error: 'not_found' })
      response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(body)
    })
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    this.#port = address !== null && typeof address === 'object' ? address.port : 0
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  /** `iss`, and the address at which contestants find discovery and JWKS. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  publicPem(algorithm: Algorithm): string {
    return this.#keys[algorithm].publicKey.export({ type: 'spki', format: 'pem' }).toString()
  }

  /** An RFC 9068 access token. Tokens of one `sub` and algorithm differ in `jti` only, and have one length. */
  token({ sub, algorithm = 'ES256', lifetime = 3600 }: TokenOptions): string {
    const key = this.#keys[algorithm]
    const iat = Math.floor(Date.now() / 1000)
    const header = { alg: algorithm, typ: 'at+jwt', kid: key.kid }
    const payload = {
      iss: this.url,
      sub,
      aud: audience,
      client_id: 'bench',
      scope,
      iat,
      exp: iat + lifetime,
      jti: randomBytes(16).toString('base64url'),
    }
    const input = `${encode(header)}.${encode(payload)}`
    const signature =
      algorithm === 'ES256'
        ? signEs256(input, key.privateKey).toString('base64url')
        : sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')
    return `${input}.${signature}`
  }

  #document(path: string): object | undefined {
    if (path === '/oauth/jwks') return { keys: [this.#jwk()] }
    if (!path.startsWith('/.well-known/')) return undefined
    return {
      issuer: this.url,
      jwks_uri: `${this.url}/oauth/jwks`,
      authorization_endpoint: `${this.url}/oauth/authorize`,
      token_endpoint: `${this.url}/oauth/token`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    }
  }

  #jwk(): object {
    const { kid, publicKey } = this.#keys.ES256
    return { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
