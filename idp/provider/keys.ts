import type { KeyRing, SigningKey } from '@gatehouse/kit/keys/ring'
import type { JWK, JWKS } from 'oidc-provider'

/**
 * The ring as the library wants it: it signs with the first key that fits, and publishes all of them, so the signing
 * key goes first.
 */
export function providerKeys(ring: KeyRing): JWKS {
  const signing = ring.signing()
  const others = ring.keys().filter((key) => key.kid !== signing.kid)
  return { keys: [signing, ...others].map(privateJwk) }
}

function privateJwk(key: SigningKey): JWK {
  const { kty, crv, x, y, d } = key.privateKey.export({ format: 'jwk' })
  return { kty, crv, x, y, d, kid: key.kid, alg: key.alg, use: 'sig' }
}
