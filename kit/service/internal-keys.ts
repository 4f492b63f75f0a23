import type { Pool } from 'undici'
import type { Clock } from '../clock.ts'
import { fetchJson } from '../http/client.ts'
import type { Logger } from '../log.ts'
import { JwksClient } from '../tokens/jwks-client.ts'
import { watchKeys } from './watch-keys.ts'

const path = '/.well-known/jwks.json'
const limits = { timeoutMs: 2_000, maxBytes: 64 * 1024 }
/** What the door says of its JWKS: so long a service may go on trusting a key that was taken out. */
const maxAgeMs = 60_000

export interface InternalKeys {
  readonly jwks: JwksClient
  /** Fetches them, and from then on hears of changes at once. */
  start(): void
  stop(): void
}

/** The keys of internal tokens, from the gateway's internal door. */
export function internalKeys(o: {
  readonly door: Pool
  readonly clock: Clock
  readonly log: Logger
}): InternalKeys {
  const jwks = new JwksClient({
    fetch: () => fetchJson(o.door, path, limits),
    clock: o.clock,
    maxAgeMs,
    log: o.log,
  })
  const ended = new AbortController()
  const { signal } = ended
  return {
    jwks,
    start: () => {
      void jwks.start()
      void watchKeys({ ...o, path, signal, take: (document) => jwks.offer(document) })
    },
    stop: () => {
      ended.abort()
      jwks.stop()
    },
  }
}
