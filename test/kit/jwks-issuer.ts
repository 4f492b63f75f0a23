import { createLogger } from '@gatehouse/kit/log'
import { JwksClient } from '@gatehouse/kit/tokens/jwks-client'
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import type { Test } from 'tap'

const log = createLogger({ name: 'test', level: 'silent' })

export function jwk(kid: string, change: object = {}): JsonWebKey {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig', ...change }
}

/** A client of an issuer that answers as `issuer.answer` says, at a time that stands still. */
export function setUp(on: Test, options: { readonly timeoutMs?: number } = {}) {
  const issuer = { fetches: 0, answer: (): unknown => ({ keys: [jwk('a')] }) }
  const clock = { time: 1_700_000_000_000, now: () => clock.time }
  const client = new JwksClient({
    fetch: async () => {
      issuer.fetches += 1
      return issuer.answer()
    },
    clock,
    log,
    maxAgeMs: 300_000,
    cooldownMs: 30_000,
    ...options,
  })
  on.teardown(() => client.stop())
  return { issuer, clock, client }
}

export const turn = () => new Promise((resolve) => setImmediate(resolve))
export const never = () => new Promise<never>(() => undefined)
export const fails = () => Promise.reject(new Error('issuer is down'))
