import type { KeyObject } from 'node:crypto'
import type { KeyRing, SigningKey } from '@gatehouse/kit/keys/ring'
import { signEs256 } from '@gatehouse/kit/tokens/es256'
import { ExternalSigningKey, type JWK, type JWKS } from 'oidc-provider'

/** The library's name for keys that it is not given: it asks for signatures. */
export const signingByUs = { externalSigningSupport: { enabled: true, ack: 'experimental-01' } }

/**
 * The ring as the library wants it: it signs with the first key that fits, and publishes all of them, so the signing
 * key goes first. Private keys stay with us: the library would sign through WebCrypto, which hands each signature to the
 * thread pool and back, at four times the cost.
 * @param more keys of other algorithms, for the certification profile
 */
export function providerKeys(ring: KeyRing, more: readonly JWK[]): JWKS {
  const signing = ring.signing()
  const others = ring.keys().filter((key) => key.kid !== signing.kid)
  return { keys: [...[signing, ...others].map((key) => new RingKey(key)), ...more] }
}

class RingKey extends ExternalSigningKey {
  readonly #key: SigningKey

  constructor(key: SigningKey) {
    super()
    this.#key = key
  }

  override get kid(): string {
    return this.#key.kid
  }

  override get alg(): string {
    return this.#key.alg
  }

  override keyObject(): KeyObject {
    return this.#key.publicKey
  }

  override sign(data: Uint8Array): Buffer {
    return signEs256(data, this.#key.privateKey)
  }
}
