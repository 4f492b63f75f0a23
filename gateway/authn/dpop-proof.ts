import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { ecPublicJwk, thumbprint } from '@gatehouse/kit/keys/jwk'
import { isRecord, parseStrictObject, type UnknownRecord } from '@gatehouse/kit/tokens/strict-json'

/** Longer than any that a client has reason to send. */
const maxProofLength = 4_096
const maxText = 512
const signatureBytes = 64

/** What the holder of a key signed (RFC 9449 section 4.2). */
export interface DpopProof {
  /** Thumbprint of the key (RFC 7638). */
  readonly jkt: string
  readonly htm: string
  readonly htu: string
  /** Seconds since the epoch. */
  readonly iat: number
  readonly jti: string
  /** Hash of the access token. */
  readonly ath: string
  readonly nonce: string | undefined
}

/** A proof that is none; `reason` is for the log. */
export class BadProof extends Error {
  override readonly name = 'BadProof'
}

/**
 * Reads a DPoP proof and checks its signature with the key that it names: ES256 and nothing else, a public key and
 * nothing more, no extension, no name twice (RFC 9449 section 4.3, points 2 to 7).
 * @throws BadProof
 */
export function readProof(proof: string): DpopProof {
  const [head = '', body = '', tail = '', ...rest] = proof.split('.', 4)
  if (proof.length > maxProofLength || rest.length > 0) throw new BadProof('malformed')
  const header = decodeObject(head)
  const { alg, typ, jwk } = header
  if ('crit' in header || 'b64' in header) throw new BadProof('crit or b64')
  if (typeof typ !== 'string' || typ.toLowerCase() !== 'dpop+jwt') throw new BadProof('typ')
  if (alg !== 'ES256') throw new BadProof('alg')
  const key = readKey(jwk)
  const signature = decode(tail)
  const input = Buffer.from(`${head}.${body}`)
  if (
    signature.length !== signatureBytes ||
    !verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature)
  )
    throw new BadProof('signature')
  return { jkt: thumbprintOf(key), ...readClaims(decodeObject(body)) }
}

function readClaims(claims: UnknownRecord): Omit<DpopProof, 'jkt'> {
  const { iat } = claims
  if (typeof iat !== 'number' || !Number.isSafeInteger(iat)) throw new BadProof('iat')
  return {
    htm: text(claims, 'htm'),
    htu: text(claims, 'htu'),
    iat,
    jti: text(claims, 'jti'),
    ath: text(claims, 'ath'),
    nonce: claims['nonce'] === undefined ? undefined : text(claims, 'nonce'),
  }
}

function text(claims: UnknownRecord, name: string): string {
  const value = claims[name]
  if (typeof value !== 'string' || value === '' || value.length > maxText) throw new BadProof(name)
  return value
}

function readKey(jwk: unknown): KeyObject {
  if (!isRecord(jwk) || 'd' in jwk) throw new BadProof('jwk')
  const { kty, crv, x, y } = jwk
  if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string')
    throw new BadProof('jwk')
  try {
    return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })
  } catch {
    throw new BadProof('jwk')
  }
}

function thumbprintOf(key: KeyObject): string {
  const jwk = ecPublicJwk(key)
  if (jwk === undefined) throw new BadProof('jwk')
  return thumbprint(jwk)
}

function decodeObject(segment: string): UnknownRecord {
  const value = parseStrictObject(decode(segment))
  if (value === undefined) throw new BadProof('malformed')
  return value
}

function decode(segment: string): Buffer {
  const bytes = Buffer.from(segment, 'base64url')
  if (segment === '' || bytes.toString('base64url') !== segment) throw new BadProof('malformed')
  return bytes
}
