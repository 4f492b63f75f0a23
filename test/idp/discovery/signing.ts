import { createSecretKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'

type Claims = Readonly<Record<string, unknown>>

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed25519 = generateKeyPairSync('ed25519')
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })
const pairs: Readonly<Record<string, { readonly publicKey: KeyObject; readonly privateKey: KeyObject }>> = {
  ES256: ec('P-256'),
  ES384: ec('P-384'),
  ES512: ec('P-521'),
  ...Object.fromEntries(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((alg) => [alg, rsa])),
  Ed25519: ed25519,
  EdDSA: ed25519,
  'ML-DSA-44': generateKeyPairSync('ml-dsa-44'),
}
const secrets = ['HS256', 'HS384', 'HS512']

/** What a JWS can be signed with, as the library and the registry of RFC 7518 name it, and with nothing. */
export const everyAlgorithm: readonly string[] = [...Object.keys(pairs), ...secrets, 'none']

/** The public key of a client for this algorithm. Those of secrets have none, and borrow another. */
export function publicJwk(alg: string): JsonWebKey {
  const key = (pairs[alg] ?? pairs['ES256'])?.publicKey
  if (key === undefined) throw new Error(`no key for ${alg}`)
  return key.export({ format: 'jwk' })
}

/** The keys of a client that signs with everything. */
export const clientJwks = {
  keys: Object.keys(pairs).map((alg) => ({ ...publicJwk(alg), kid: alg, alg, use: 'sig' })),
}

/** A JWT under this algorithm. @param secret for those that are made with one */
export function signedWith(
  alg: string,
  claims: Claims,
  {
    secret = 'nobody knows this secret, of more than sixty-four bytes, so that it fits all',
    header = {},
  } = {},
): Promise<string> {
  if (alg === 'none') return Promise.resolve(`${encoded({ alg, ...header })}.${encoded(claims)}.`)
  const key = pairs[alg]?.privateKey ?? createSecretKey(Buffer.from(secret))
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg, ...(alg in pairs ? { kid: alg } : {}), ...header })
    .sign(key)
}

function encoded(value: Claims): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
