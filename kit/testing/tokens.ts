import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { systemClock, type Clock } from '../clock.ts'
import { newTxn } from '../http/txn.ts'
import { publicJwk } from '../keys/jwk.ts'
import { spiffeId } from '../mtls/identity.ts'
import { signInternalToken, type InternalClaims, type TokenSigner } from '../tokens/internal.ts'

/** Claims to state; the others are those of Alice's request through the gateway. */
export type StatedClaims = Partial<InternalClaims> & { readonly aud: string }

/** A key of nobody's, in the shape that the key ring has them. */
export interface TestKey extends TokenSigner {
  readonly publicKey: KeyObject
  readonly state: 'signing'
  readonly createdAt: number
}

export function createSigningKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kid } = publicJwk(publicKey)
  return { kid, alg: 'ES256', privateKey, publicKey, state: 'signing', createdAt: Date.now() }
}

/** Claims as the gateway writes them at the first hop, for `acc-alice` unless said otherwise. */
export function internalClaims(
  trust: { readonly trustDomain: string; readonly issuer: string },
  claims: StatedClaims,
  clock: Clock = systemClock,
): InternalClaims {
  const iat = Math.floor(clock.now() / 1000)
  return {
    iss: trust.issuer,
    sub: 'acc-alice',
    client_id: 'gateway',
    scope: '',
    txn: newTxn(),
    jti: randomUUID(),
    iat,
    exp: iat + 60,
    req_wl: spiffeId(trust.trustDomain, 'gateway'),
    roles: ['customer'],
    rctx: { req_ip: '127.0.0.1', authn: 'session' },
    tctx: {},
    ...claims,
  }
}

/** An internal token for one service, as the gateway would mint it. */
export function internalToken(
  trust: { readonly trustDomain: string; readonly issuer: string; readonly key: TokenSigner },
  claims: StatedClaims,
  clock?: Clock,
): string {
  return signInternalToken(internalClaims(trust, claims, clock), trust.key)
}
