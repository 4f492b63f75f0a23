import type { webcrypto } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { conforms } from '@gatehouse/kit/conforms'
import { StartError } from '@gatehouse/kit/errors'
import { Type } from '@gatehouse/kit/schema'

const clientJwk = Type.Object({
  kty: Type.Literal('EC'),
  crv: Type.Literal('P-256'),
  x: Type.String(),
  y: Type.String(),
  d: Type.String(),
  kid: Type.Optional(Type.String()),
})

export interface ClientKey {
  readonly key: webcrypto.CryptoKey
  readonly kid?: string
}

/**
 * What the gateway authenticates with at the IdP: `private_key_jwt` (RFC 7523) with the ES256 key of the data folder.
 * @throws StartError when the file cannot be read as such a key.
 */
export async function readClientKey(path: string): Promise<ClientKey> {
  try {
    const jwk: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (!conforms(clientJwk, jwk)) throw new TypeError('not a private P-256 JWK')
    const { kid, kty, crv, x, y, d } = jwk
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y, d }, algorithm, false, ['sign'])
    return kid === undefined ? { key } : { key, kid }
  } catch (cause) {
    throw new StartError(`the gateway's client key cannot be read from ${path}`, {
      hint: '`npm start` and `prepare` make it where it is missing: remove it first, or put a private P-256 JWK there',
      cause,
    })
  }
}
