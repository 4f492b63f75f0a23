import { setTimeout as sleep } from 'node:timers/promises'
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
const patienceMs = 4_000
const knockMs = 50

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
  const jwks: JwksClient = new JwksClient({
    // All parts start together, and the gateway is seldom the first: until it was there once, knock often, so
    // that a service is ready when the gateway is.
    fetch: () => (jwks.ready() ? fetchJson(o.door, path, limits) : fetchPatiently(o.door)),
    clock: o.clock,
    maxAgeMs,
    log: o.log,
  })
  const ended = new AbortController()
  const { signal } = ended
  return {
    jwks,
    start: () => {
      void jwks
        .start()
        .then(() => watchKeys({ ...o, path, signal, take: (document) => jwks.offer(document) }))
    },
    stop: () => {
      ended.abort()
      jwks.stop()
    },
  }
}

async function fetchPatiently(door: Pool): Promise<unknown> {
  for (const until = performance.now() + patienceMs; ; await sleep(knockMs)) {
    try {
      return await fetchJson(door, path, limits)
    } catch (error) {
      if (door.destroyed || performance.now() >= until) throw error
    }
  }
}
