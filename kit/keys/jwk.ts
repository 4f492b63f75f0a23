import { createHash, type JsonWebKey, type KeyObject } from 'node:crypto'

/** An EC P-256 public key as a JWK (RFC 7518 section 6.2.1). */
interface EcPublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

/** The four members of a P-256 public key; undefined for a key of any other kind. */
export function ecPublicJwk(key: KeyObject): EcPublicJwk | undefined {
  const { kty, crv, x, y } = key.export({ format: 'jwk' })
  if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string') return undefined
  return { kty, crv, x, y }
}

/** The JWK thumbprint, RFC 7638: SHA-256 of the required members in the order of their names. */
export function thumbprint({ crv, kty, x, y }: EcPublicJwk): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}

/** A verification key for the JWKS document (RFC 7517). */
export function publicJwk(key: KeyObject): JsonWebKey & { readonly kid: string } {
  const jwk = ecPublicJwk(key)
  if (jwk === undefined) throw new TypeError('an ES256 key is an EC key on P-256')
  return { ...jwk, kid: thumbprint(jwk), alg: 'ES256', use: 'sig' }
}
