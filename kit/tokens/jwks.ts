import { createPublicKey, type KeyObject } from 'node:crypto'
import { isRecord, type UnknownRecord } from './strict-json.ts'

/** A key with which an issuer's tokens are verified, and the one algorithm it is for. */
export interface VerificationKey {
  readonly kid: string
  readonly alg: 'ES256'
  readonly key: KeyObject
  /** SubjectPublicKeyInfo. */
  readonly pem: string
}

const maxKeys = 64
const maxKidLength = 256

/**
 * The ES256 keys of a JWKS document (RFC 7517 section 5) by `kid`. Keys of other kinds are for others and are passed over,
 * and so are those without `kid`, with one that appears twice, for encryption, or with a private part.
 * @param known keys found earlier: an unchanged key stays the same object.
 */
export function readJwks(
  document: unknown,
  known: ReadonlyMap<string, VerificationKey>,
): ReadonlyMap<string, VerificationKey> {
  const jwks = isRecord(document) && Array.isArray(document['keys']) ? document['keys'].slice(0, maxKeys) : []
  const found = new Map<string, VerificationKey>()
  const twice = new Set<string>()
  for (const jwk of jwks) {
    const key = readKey(jwk)
    if (key === undefined) continue
    if (found.has(key.kid)) twice.add(key.kid)
    const before = known.get(key.kid)
    found.set(key.kid, before?.pem === key.pem ? before : key)
  }
  for (const kid of twice) found.delete(kid)
  return found
}

function readKey(jwk: unknown): VerificationKey | undefined {
  if (!isRecord(jwk) || !isForEs256(jwk)) return undefined
  const { kid, x, y } = jwk
  if (typeof kid !== 'string' || kid === '' || kid.length > maxKidLength) return undefined
  if (typeof x !== 'string' || typeof y !== 'string') return undefined
  try {
    // Refuses a point that is not on the curve.
    const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
    return { kid, alg: 'ES256', key, pem: key.export({ format: 'pem', type: 'spki' }).toString() }
  } catch {
    return undefined
  }
}

function isForEs256(jwk: UnknownRecord): boolean {
  const { kty, crv, alg, use, key_ops: operations } = jwk
  const verifies = operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
  const rightUse = use === undefined || use === 'sig'
  return (
    kty === 'EC' &&
    crv === 'P-256' &&
    (alg === undefined || alg === 'ES256') &&
    rightUse &&
    verifies &&
    !('d' in jwk)
  )
}
